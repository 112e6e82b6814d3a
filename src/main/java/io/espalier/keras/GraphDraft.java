package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The graph that is being made of a Keras model, and what all its layers share. */
final class GraphDraft {
  private final Graph graph;
  private final Ops ops;
  private final Dialect dialect;
  private final List<Refusal> refusals = new ArrayList<>();
  private final TrainingFacts facts = new TrainingFacts();
  private final Map<Arrangement, Value> arranged = new HashMap<>();
  private final Map<String, Json> layers = new LinkedHashMap<>();

  /** How the rows lie of kernels whose rows are reordered for flattened images. */
  private final Map<Value, Layout> rowOrders = new HashMap<>();

  /** Numbers in tensors that are shapes, -1 where not known. */
  private final Map<Value, long[]> contents = new HashMap<>();

  /** A value brought into another layout. */
  private record Arrangement(Value value, List<Integer> permutation) {}

  GraphDraft(String name, Dialect dialect) {
    this.graph = new Graph(name, null);
    this.ops = new Ops(graph);
    this.dialect = dialect;
  }

  Graph graph() {
    return graph;
  }

  Ops ops() {
    return ops;
  }

  Dialect dialect() {
    return dialect;
  }

  TrainingFacts facts() {
    return facts;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /** What is said of each layer, by its scope. */
  Map<String, Json> layers() {
    return layers;
  }

  void refuse(String where, String reason) {
    Refusal refusal = new Refusal(where, reason);
    if (!refusals.contains(refusal)) {
      refusals.add(refusal);
    }
  }

  /** The value of {@code x} as Keras has it. */
  Value plain(KerasTensor x, Ops at) {
    return arranged(x, Layout.plain(x.rank()), at);
  }

  /** The value of {@code x} in another layout, which is not flat. */
  Value arranged(KerasTensor x, Layout wanted, Ops at) {
    if (x.layout().sameAs(wanted)) {
      return x.value();
    }
    if (x.layout().isFlat()) {
      KerasTensor plain = KerasTensor.plain(unflattened(x, at), x.type(), x.dims());
      return arranged(plain, wanted, at);
    }
    int rank = x.rank();
    List<Integer> permutation = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      permutation.add(x.layout().axisOf(wanted.order()[axis]));
    }
    return arranged.computeIfAbsent(
        new Arrangement(x.value(), permutation),
        key -> at.transpose(x.value(), permutation.stream().mapToLong(i -> i).toArray()));
  }

  /** The elements of a flattened tensor in Keras' order. */
  private Value unflattened(KerasTensor x, Ops at) {
    return arranged.computeIfAbsent(
        new Arrangement(x.value(), List.of()),
        key -> {
          Layout layout = x.layout();
          int rank = layout.order().length + 1;
          long[] shape = new long[rank];
          long[] back = new long[rank];
          for (int axis = 1; axis < rank; axis++) {
            shape[axis] = layout.flat()[layout.order()[axis - 1]];
            back[axis] = layout.axisOf(axis - 1) + 1;
          }
          Value image = at.transpose(at.reshape(x.value(), shape), back);
          return at.reshape(image, 0, Arrays.stream(layout.flat()).reduce(1, (a, b) -> a * b));
        });
  }

  /** Takes note of the numbers that are in a small tensor, -1 where not known. */
  void holds(Value value, long... numbers) {
    contents.put(value, numbers);
  }

  /** The numbers in a tensor, as far as they are known; null if nothing is. */
  long[] contents(KerasTensor x) {
    return contents.get(x.value());
  }

  /** Takes note that a kernel's rows lie like the elements of tensors of a flat layout. */
  void rowsLieLike(Value kernel, Layout layout) {
    rowOrders.put(kernel, layout);
  }

  /** {@code x} as a kernel needs it. */
  Value rowOf(KerasTensor x, Value kernel, Ops at) {
    Layout wanted = rowOrders.get(kernel);
    if (wanted == null || x.layout().sameAs(wanted)) {
      return wanted == null ? plain(x, at) : x.value();
    }
    int rank = wanted.order().length + 1;
    long[] shape = new long[rank];
    long[] permutation = new long[rank];
    for (int axis = 1; axis < rank; axis++) {
      shape[axis] = wanted.flat()[axis - 1];
      permutation[axis] = wanted.order()[axis - 1] + 1;
    }
    Value image = at.transpose(at.reshape(plain(x, at), shape), permutation);
    return at.reshape(image, 0, Arrays.stream(wanted.flat()).reduce(1, (a, b) -> a * b));
  }

  /** {@code x} in another element type. */
  KerasTensor cast(KerasTensor x, DataType type, Ops at) {
    if (x.type() == type) {
      return x;
    }
    KerasTensor typed = x.withType(at.cast(x.value(), type), type);
    if (contents.containsKey(x.value()) && !type.isFloat()) {
      holds(typed.value(), contents(x));
    }
    return typed;
  }
}
