package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.TopologicalOrder;
import io.espalier.graph.Value;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Finds the initializers that are parameters of a model: those in the slots of operators that have
 * parameters, and those that are added to, multiplied with or joined to what such operators
 * computed. Constants of one element, of integers, or with elements beyond {@value #LARGEST}
 * (attention masks, say) are none.
 */
final class TrainableWeights {
  private static final double LARGEST = 1e3;

  /** The slots of parameters, by operator. */
  private static final Map<String, int[]> SLOTS =
      Map.ofEntries(
          entry("BatchNormalization", new int[] {1, 2}),
          entry("Conv", new int[] {1, 2}),
          entry("ConvTranspose", new int[] {1, 2}),
          entry("Einsum", new int[] {0, 1}),
          entry("GRU", new int[] {1, 2, 3}),
          entry("Gather", new int[] {0}),
          entry("Gemm", new int[] {0, 1, 2}),
          entry("GroupNormalization", new int[] {1, 2}),
          entry("InstanceNormalization", new int[] {1, 2}),
          entry("LSTM", new int[] {1, 2, 3, 7}),
          entry("LayerNormalization", new int[] {1, 2}),
          entry("MatMul", new int[] {0, 1}),
          entry("PRelu", new int[] {1}),
          entry("RMSNormalization", new int[] {1}),
          entry("RNN", new int[] {1, 2, 3}));

  /** Operators that train a constant where the rest of what they take depends on weights. */
  private static final Set<String> JOINING = Set.of("Add", "Concat", "Mul", "Sub");

  /** Operators that hand on the elements of their first input. */
  private static final Set<String> MOVING =
      Set.of(
          "Cast",
          "Expand",
          "Flatten",
          "Identity",
          "Reshape",
          "Slice",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  private final Set<Value> found = new LinkedHashSet<>();

  private TrainableWeights() {}

  /** The parameters of a main graph, in the order in which it declares them. */
  static List<Value> of(Graph graph) {
    TrainableWeights weights = new TrainableWeights();
    List<Node> order = TopologicalOrder.of(graph);
    for (Node node : order) {
      weights.addParameters(node);
    }
    Set<Value> reached = new HashSet<>(weights.found);
    for (Node node : order) {
      if (node.inputs().stream().anyMatch(reached::contains)) {
        weights.addJoined(node);
        node.outputs().stream().filter(value -> value != null).forEach(reached::add);
      }
    }
    return graph.initializers().stream().filter(weights.found::contains).toList();
  }

  private void addParameters(Node node) {
    for (int slot : SLOTS.getOrDefault(node.operator().toString(), new int[0])) {
      node.input(slot).ifPresent(this::addSource);
    }
  }

  private void addJoined(Node node) {
    if (node.operator().domain().isEmpty() && JOINING.contains(node.opType())) {
      node.inputs().forEach(this::addSource);
    }
  }

  /** The constant that a value is moved from, if it is one. */
  private void addSource(Value value) {
    Deque<Value> pending = new ArrayDeque<>(List.of(value));
    while (!pending.isEmpty()) {
      Value next = pending.pop();
      if (next.initializer().isPresent()) {
        if (isParameter(next.initializer().get())) {
          found.add(next);
        }
      } else {
        next.producer()
            .filter(node -> node.operator().domain().isEmpty() && MOVING.contains(node.opType()))
            .flatMap(node -> node.input(0))
            .ifPresent(pending::push);
      }
    }
  }

  private static boolean isParameter(Tensor tensor) {
    if (!tensor.dataType().isFloat() || tensor.shape().elements() < 2) {
      return false;
    }
    IntToDoubleFunction element = Elements.of(tensor).orElseThrow();
    return IntStream.range(0, Math.toIntExact(tensor.shape().elements()))
        .allMatch(i -> Math.abs(element.applyAsDouble(i)) <= LARGEST);
  }
}
