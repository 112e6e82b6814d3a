package io.espalier.pass;

import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.TopologicalOrder;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntToDoubleFunction;

/**
 * Follows the batch through a graph from inputs to outputs, and lets {@link BatchRules} rewrite the
 * constants that hold its size on the way.
 */
final class BatchWalk {
  private final Graph graph;
  private final Types types;
  private final BatchTrial trial;
  private final long size;
  private final Ops ops;
  private final Map<Value, BatchAxis> axes = new HashMap<>();
  private final Map<Value, Integer> sizes = new HashMap<>();
  private final Value leader;
  private Value groups;
  private Node node;

  /**
   * A walk.
   *
   * @param types of the graph's values at the fixed batch
   * @param trial tells shapes where types do not
   * @param size of the fixed batch
   * @param inputs that carry the batch, and where
   */
  BatchWalk(Graph graph, Types types, BatchTrial trial, long size, Map<Value, Integer> inputs) {
    this.graph = graph;
    this.types = types;
    this.trial = trial;
    this.size = size;
    this.ops = new Ops(graph);
    inputs.forEach((input, axis) -> axes.put(input, BatchAxis.of(axis)));
    this.leader = inputs.keySet().iterator().next();
  }

  /**
   * Walks through the whole graph.
   *
   * @throws RefusedException if a node cannot take another batch; the message says which and why
   */
  void run() {
    for (Node next : TopologicalOrder.of(graph)) {
      node = next;
      if (node.inputs().stream().anyMatch(this::depends)) {
        BatchRules.of(node).follow(this, node);
      }
    }
  }

  private boolean depends(Value value) {
    return axes.containsKey(value) || sizes.containsKey(value);
  }

  /** Emits in front of the node at hand. */
  Ops ops() {
    return ops.before(node);
  }

  /** The size of the fixed batch. */
  long size() {
    return size;
  }

  /** Where a value carries the batch; absent if it does not, or nobody knows. */
  Optional<BatchAxis> axis(Value value) {
    return Optional.ofNullable(axes.get(value));
  }

  void carries(Value value, BatchAxis axis) {
    if (value != null) {
      axes.put(value, axis);
    }
  }

  /** Where a vector of sizes has the batch's; 0 for a scalar that is it. */
  OptionalInt sizeAt(Value value) {
    Integer found = sizes.get(value);
    return found == null ? OptionalInt.empty() : OptionalInt.of(found);
  }

  void holdsSize(Value value, int position) {
    sizes.put(value, position);
  }

  /** The dimensions at the fixed batch, if all are known for any input. */
  Optional<long[]> shape(Value value) {
    return types.shape(value).map(shape -> shape.dims());
  }

  /** The dimensions at the fixed batch; those that depend on the input as in one sample. */
  Optional<long[]> sampledShape(Value value) {
    return shape(value).or(() -> trial.sampledShape(value));
  }

  List<Dim> dims(Value value) {
    return types.dims(value).orElseThrow(() -> refuse("the rank of '" + value + "' is not known"));
  }

  int rank(Value value) {
    return dims(value).size();
  }

  boolean knowsRank(Value value) {
    return types.dims(value).isPresent();
  }

  /** The numbers of a constant of integers. */
  static Optional<long[]> numbers(Value value) {
    Optional<Tensor> tensor = value.constant();
    Optional<IntToDoubleFunction> element = tensor.flatMap(Elements::of);
    if (element.isEmpty()) {
      return Optional.empty();
    }
    long[] numbers = new long[Math.toIntExact(tensor.get().shape().elements())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (long) element.get().applyAsDouble(i);
    }
    return Optional.of(numbers);
  }

  /** An int64 vector of one element: how many fixed batches the batch holds, times a factor. */
  Value groups(long factor) {
    if (groups == null) {
      Ops first = ops.before(graph.nodes().get(0));
      int axis = axes.get(leader).axis();
      Value samples = first.shape(leader, axis, axis + 1);
      groups = size == 1 ? samples : first.div(samples, first.ints(size));
    }
    return factor == 1 ? groups : ops().mul(groups, ops.ints(factor));
  }

  /** A constant that does not carry the batch, repeated along an axis as often as it needs. */
  Value repeated(Value value, int axis) {
    int rank = rank(value);
    List<Value> counts = new ArrayList<>();
    if (axis > 0) {
      counts.add(ops.ints(ones(axis)));
    }
    counts.add(groups(1));
    if (axis < rank - 1) {
      counts.add(ops.ints(ones(rank - axis - 1)));
    }
    Value shape = counts.size() == 1 ? counts.get(0) : ops().concat(0, counts);
    return size == 1 ? ops().expand(value, shape) : ops().call("Tile", value, shape);
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  RefusedException refuse(String reason) {
    return new RefusedException(node.label() + ": " + reason);
  }
}
