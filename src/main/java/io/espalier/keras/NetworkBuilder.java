package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.keras.Argument.Ref;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** Emits the calls of a model's layers. */
final class NetworkBuilder {
  private final GraphDraft draft;
  private final NetworkSpec spec;
  private final String scope;
  private final Map<String, LayerInstance> instances = new LinkedHashMap<>();
  private final Map<String, Integer> firstCalls = new HashMap<>();

  /**
   * A builder.
   *
   * @param scope the names of the models around the layers, joined by slashes; "" for the outermost
   */
  NetworkBuilder(GraphDraft draft, NetworkSpec spec, NetworkWeights weights, String scope) {
    this.draft = draft;
    this.spec = spec;
    this.scope = scope;
    for (LayerSpec layer : spec.layers()) {
      String name = scope.isEmpty() ? layer.name() : scope + "/" + layer.name();
      instances.put(layer.name(), new LayerInstance(layer, weights.of(layer), name));
      firstCalls.put(layer.name(), firstCall(layer));
    }
  }

  /** The number that references give the first call: 1 in models that count their own making. */
  private int firstCall(LayerSpec layer) {
    int calls = layer.calls().size();
    if (layer.network().isEmpty() || calls == 0) {
      return 0;
    }
    int highest =
        spec.layers().stream()
            .flatMap(one -> one.calls().stream())
            .flatMap(call -> call.refs().stream())
            .filter(ref -> ref.layer().equals(layer.name()))
            .mapToInt(Ref::call)
            .max()
            .orElse(-1);
    for (Ref output : spec.outputs()) {
      if (output.layer().equals(layer.name())) {
        highest = Math.max(highest, output.call());
      }
    }
    return Math.max(0, highest - calls + 1);
  }

  /** Emits all layers and returns the model's outputs. */
  List<KerasTensor> call(List<KerasTensor> inputs) {
    if (inputs.size() != spec.inputs().size()) {
      throw new MalformedModelException(
          "model '%s': expected %d inputs, got %d"
              .formatted(spec.name(), spec.inputs().size(), inputs.size()));
    }
    Map<String, List<List<KerasTensor>>> results = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      results.put(spec.inputs().get(i).layer(), List.of(List.of(inputs.get(i))));
    }
    Set<String> needed = needed();
    List<LayerSpec> pending =
        new ArrayList<>(
            spec.layers().stream()
                .filter(one -> needed.contains(one.name()) && !results.containsKey(one.name()))
                .toList());
    while (!pending.isEmpty()) {
      int before = pending.size();
      pending.removeIf(layer -> callAsFarAsPossible(layer, results));
      if (pending.size() == before) {
        LayerSpec stuck = pending.get(0);
        throw new MalformedModelException(
            stuck.label()
                + ": is called with something that no layer computes: "
                + open(stuck, results));
      }
    }
    return spec.outputs().stream().map(ref -> find(ref, results)).toList();
  }

  /** The layers that the outputs depend on; others only add to a loss. */
  private Set<String> needed() {
    Map<String, LayerSpec> layers = new HashMap<>();
    spec.layers().forEach(layer -> layers.put(layer.name(), layer));
    Set<String> needed = new HashSet<>();
    Deque<String> pending = new ArrayDeque<>();
    spec.outputs().forEach(output -> pending.add(output.layer()));
    while (!pending.isEmpty()) {
      String name = pending.remove();
      if (layers.containsKey(name) && needed.add(name)) {
        layers.get(name).calls().stream()
            .flatMap(call -> call.refs().stream())
            .forEach(ref -> pending.add(ref.layer()));
      }
    }
    return needed;
  }

  private String open(LayerSpec layer, Map<String, List<List<KerasTensor>>> results) {
    return layer.calls().stream()
        .flatMap(call -> call.refs().stream())
        .filter(ref -> !isThere(ref, results))
        .map(Ref::toString)
        .findFirst()
        .orElse("a loop");
  }

  /** Makes the calls whose arguments are there; true when all have been made. */
  private boolean callAsFarAsPossible(
      LayerSpec layer, Map<String, List<List<KerasTensor>>> results) {
    List<List<KerasTensor>> done = results.computeIfAbsent(layer.name(), name -> new ArrayList<>());
    while (done.size() < layer.calls().size()) {
      Call call = layer.calls().get(done.size());
      if (!call.refs().stream().allMatch(ref -> isThere(ref, results))) {
        return false;
      }
      done.add(emit(layer, call, results));
    }
    return true;
  }

  private List<KerasTensor> emit(
      LayerSpec layer, Call call, Map<String, List<List<KerasTensor>>> results) {
    LayerInstance instance = instances.get(layer.name());
    LayerContext context = new LayerContext(draft, instance, call, ref -> find(ref, results));
    List<KerasTensor> inputs = context.tensors(firstArgument(call));
    try {
      List<KerasTensor> outputs = context.emit(inputs);
      draft
          .layers()
          .computeIfAbsent(instance.scope(), name -> LayerEntry.of(instance, call, outputs));
      return outputs;
    } catch (ModelException e) {
      throw e;
    } catch (ArithmeticException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | NoSuchElementException e) {
      throw new MalformedModelException(
          layer.label() + ": its settings do not fit its input: " + e.getMessage(), e);
    }
  }

  private static Argument firstArgument(Call call) {
    if (!call.positional().isEmpty()) {
      return call.positional().get(0);
    }
    return call.named().values().stream()
        .filter(argument -> !argument.refs().isEmpty())
        .findFirst()
        .orElse(new Argument.Many(List.of()));
  }

  private boolean isThere(Ref ref, Map<String, List<List<KerasTensor>>> results) {
    List<List<KerasTensor>> calls = results.get(ref.layer());
    int index = ref.call() - firstCalls.getOrDefault(ref.layer(), 0);
    return calls != null && index >= 0 && index < calls.size();
  }

  private KerasTensor find(Ref ref, Map<String, List<List<KerasTensor>>> results) {
    if (!isThere(ref, results)) {
      throw new MalformedModelException(
          "model '%s': nothing computes %s".formatted(spec.name(), ref));
    }
    int index = ref.call() - firstCalls.getOrDefault(ref.layer(), 0);
    List<KerasTensor> outputs = results.get(ref.layer()).get(index);
    if (ref.output() < 0 || ref.output() >= outputs.size()) {
      throw new MalformedModelException(
          "layer '%s': has %d results, result %d is used"
              .formatted(ref.layer(), outputs.size(), ref.output()));
    }
    return outputs.get(ref.output());
  }
}
