package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a model take batches of any size: the batch's axis of inputs becomes symbolic, constants
 * that hold its size are rewritten. Believed only where the engine confirms it: the rows of a batch
 * of three are what the model gives for each of them.
 */
final class Rebatching {
  /** The name of the batch's dimension. */
  static final String BATCH = "N";

  private static final int PARTS = 3;
  private static final double TOLERANCE = 1e-5;

  private final Model fixed;
  private final Engine engine;
  private final ModelCopy copy;
  private final Map<Value, Integer> inputs = new LinkedHashMap<>();
  private long size = 1;
  private Types types;

  private Rebatching(Model model, Engine engine) {
    this.engine = engine;
    this.fixed = ModelCopy.of(model).model();
    this.copy = ModelCopy.of(model);
  }

  /**
   * What became of a model.
   *
   * @param copy of the model, with a free batch; absent if there is none
   * @param size of the fixed batch
   * @param reason why it stays fixed
   */
  record Result(Optional<ModelCopy> copy, long size, String reason) {}

  /** Tries to free the batch of a copy of {@code model}, at opset 21. */
  static Result of(Model model, Engine engine) {
    Rebatching attempt = new Rebatching(model, engine);
    try {
      attempt.run();
      return new Result(Optional.of(attempt.copy), attempt.size, "");
    } catch (RefusedException | ModelException e) {
      return new Result(Optional.empty(), attempt.size, e.getMessage());
    }
  }

  private void run() {
    Graph graph = copy.model().graph();
    findInputs(graph);
    inputs.forEach((input, axis) -> setSize(input, axis, new Dim.Known(size)));
    for (Value input : inputs.keySet()) {
      setSize(same(fixed, input), inputs.get(input), new Dim.Known(size));
    }
    forgetTypes(fixed.graph());
    forgetTypes(graph);
    types = engine.types(copy.model());
    BatchWalk walk = new BatchWalk(graph, types, size, inputs);
    walk.run();
    inputs.forEach((input, axis) -> setSize(input, axis, new Dim.Symbol(BATCH)));
    confirm(walk);
  }

  /** The inputs that carry the batch. */
  private void findInputs(Graph graph) {
    List<Value> candidates =
        graph.requiredInputs().stream()
            .filter(input -> Types.declared().dims(input).filter(d -> !d.isEmpty()).isPresent())
            .toList();
    if (candidates.isEmpty()) {
      throw new RefusedException("no input has a first dimension");
    }
    candidates.stream()
        .flatMap(input -> Shapes.size(dims(input).get(axis(input))).stream().boxed())
        .findFirst()
        .ifPresent(found -> size = found);
    for (Value input : candidates) {
      int axis = axis(input);
      boolean fits =
          axis < dims(input).size()
              && Shapes.size(dims(input).get(axis)).orElse(size) == size;
      if (fits) {
        inputs.put(input, axis);
      }
    }
  }

  /** States of recurrent operators carry the batch behind the directions. */
  private static int axis(Value input) {
    boolean state =
        input.uses().stream()
            .anyMatch(
                use ->
                    (use.index() == 5 || use.index() == 6)
                        && (use.node().is("LSTM") || use.node().is("GRU") || use.node().is("RNN")));
    return state && dims(input).size() > 1 ? 1 : 0;
  }

  private static List<Dim> dims(Value value) {
    return Types.declared().dims(value).orElseThrow();
  }

  private static Value same(Model model, Value value) {
    return model.graph().find(value.name()).orElseThrow();
  }

  private static void setSize(Value input, int axis, Dim dim) {
    List<Dim> dims = new ArrayList<>(dims(input));
    dims.set(axis, dim);
    DataType dataType = input.type().orElseThrow().dataType();
    input.setType(new TensorType(dataType, Optional.of(dims)));
  }

  /** What is declared of computed values may hold the size of the batch. */
  private static void forgetTypes(Graph graph) {
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        if (output != null) {
          output.setType(null);
        }
      }
      node.subgraphs().forEach(Rebatching::forgetTypes);
    }
  }

  private void confirm(BatchWalk walk) {
    List<Map<Value, Tensor>> samples = new ArrayList<>();
    for (int seed = 1; seed <= PARTS; seed++) {
      samples.add(sample(seed, samples));
    }
    List<Value> outputs = fixed.graph().outputs();
    List<Map<Value, Tensor>> expected = engine.evaluateAll(fixed, samples, outputs);
    Map<Value, Tensor> joined = new HashMap<>();
    for (Value input : copy.model().graph().requiredInputs()) {
      Value before = same(fixed, input);
      List<Tensor> parts = samples.stream().map(sample -> sample.get(before)).toList();
      joined.put(
          input,
          inputs.containsKey(input) ? Batches.joined(parts, inputs.get(input)) : parts.get(0));
    }
    List<Value> freed = copy.model().graph().outputs();
    Map<Value, Tensor> found = engine.evaluate(copy.model(), joined, freed);
    for (int i = 0; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      List<Tensor> rows = expected.stream().map(one -> one.get(output)).toList();
      if (rows.get(0) != null) {
        int axis = walk.axis(freed.get(i)).map(BatchAxis::axis).orElse(0);
        compare(output, axis, rows, found.get(freed.get(i)));
      }
    }
  }

  /** Inputs that do not carry the batch are the same in all samples. */
  private Map<Value, Tensor> sample(int seed, List<Map<Value, Tensor>> before) {
    Map<Value, Tensor> sample =
        new HashMap<>(
            engine
                .inputs(fixed, seed)
                .orElseThrow(() -> new RefusedException("no inputs are found to try it on")));
    if (!before.isEmpty()) {
      for (Value input : copy.model().graph().requiredInputs()) {
        if (!inputs.containsKey(input)) {
          sample.put(same(fixed, input), before.get(0).get(same(fixed, input)));
        }
      }
    }
    return sample;
  }

  private static void compare(Value output, int axis, List<Tensor> rows, Tensor found) {
    for (int i = 0; i < PARTS; i++) {
      Tensor row = rows.get(i);
      boolean carries =
          row.shape().rank() > axis
              && found.shape().rank() == row.shape().rank()
              && found.shape().dim(axis) == PARTS * row.shape().dim(axis);
      if (!carries) {
        throw new RefusedException(
            "output '%s': expected %d times %s for a batch of %d, got %s"
                .formatted(output, PARTS, row.shape(), PARTS, found.shape()));
      }
      double difference = Batches.difference(row, Batches.part(found, axis, i, PARTS));
      if (difference > TOLERANCE) {
        throw new RefusedException(
            "output '%s': the rows of a batch differ by %.2g from what each gives alone"
                .formatted(output, difference));
      }
    }
  }
}
