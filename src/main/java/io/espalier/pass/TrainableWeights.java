package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.DataType;
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
 * computed. Of the latter, those with elements beyond {@value #LARGEST} (attention masks, say) are
 * none, nor are single numbers, unless added to a product. Scalars never are.
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

  /** The slots of parameters that are integers, by operator. */
  private static final Map<String, int[]> INTEGER_SLOTS =
      Map.ofEntries(
          entry("ConvInteger", new int[] {1}),
          entry("MatMulInteger", new int[] {0, 1}),
          entry("QLinearConv", new int[] {3, 8}),
          entry("QLinearMatMul", new int[] {0, 3}),
          entry("com.microsoft.DynamicQuantizeLSTM", new int[] {1, 2}),
          entry("com.microsoft.DynamicQuantizeMatMul", new int[] {1}),
          entry("com.microsoft.MatMulIntegerToFloat", new int[] {1}),
          entry("com.microsoft.MatMulNBits", new int[] {1}),
          entry("com.microsoft.QAttention", new int[] {1}),
          entry("com.microsoft.QGemm", new int[] {3, 6}));

  /** Operators whose result a bias is added to. */
  private static final Set<String> PRODUCTS =
      Set.of("Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul");

  /** Operators that train a constant where the rest of what they take depends on weights. */
  private static final Set<String> JOINING = Set.of("Add", "Concat", "Mul", "Sub");

  /** Operators that hand on the elements of their first input. */
  private static final Set<String> MOVING =
      Set.of(
          "Cast",
          "DequantizeLinear",
          "Expand",
          "Flatten",
          "Identity",
          "QuantizeLinear",
          "Reshape",
          "Slice",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  private final Set<Value> found = new LinkedHashSet<>();
  private final Set<Value> integers = new LinkedHashSet<>();

  private TrainableWeights() {}

  /** The parameters of a main graph, in the order in which it declares them. */
  static List<Value> of(Graph graph) {
    Set<Value> found = in(graph).found;
    return graph.initializers().stream().filter(found::contains).toList();
  }

  /** The parameters that are integers, which do not train. */
  static List<Value> integers(Graph graph) {
    return List.copyOf(in(graph).integers);
  }

  private static TrainableWeights in(Graph graph) {
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
    return weights;
  }

  private void addParameters(Node node) {
    String operator = node.operator().toString();
    for (Map<String, int[]> slots : List.of(SLOTS, INTEGER_SLOTS)) {
      for (int slot : slots.getOrDefault(operator, new int[0])) {
        node.input(slot).ifPresent(value -> addSource(value, 1, Double.POSITIVE_INFINITY));
      }
    }
  }

  private void addJoined(Node node) {
    if (node.operator().domain().isEmpty() && JOINING.contains(node.opType())) {
      boolean bias = node.inputs().stream().anyMatch(TrainableWeights::isProduct);
      int least = bias && node.is("Add") ? 1 : 2;
      node.inputs().forEach(value -> addSource(value, least, LARGEST));
    }
  }

  private static boolean isProduct(Value value) {
    return value
        .producer()
        .filter(node -> node.operator().domain().isEmpty() && PRODUCTS.contains(node.opType()))
        .isPresent();
  }

  /** Adds the constants that a value is moved from or put together of. */
  private void addSource(Value value, int least, double largest) {
    Deque<Value> pending = new ArrayDeque<>(List.of(value));
    while (!pending.isEmpty()) {
      Value next = pending.pop();
      if (next.initializer().isPresent()) {
        add(next, least, largest);
      } else {
        next.producer().ifPresent(node -> pending.addAll(sources(node)));
      }
    }
  }

  private static List<Value> sources(Node node) {
    if (node.is("Concat")) {
      return node.inputs();
    }
    boolean moves = node.operator().domain().isEmpty() && MOVING.contains(node.opType());
    return moves ? node.inputs().subList(0, 1) : List.of();
  }

  private void add(Value constant, int least, double largest) {
    Tensor tensor = constant.initializer().orElseThrow();
    DataType type = tensor.dataType();
    if (tensor.shape().rank() == 0 || tensor.shape().elements() < least) {
      return;
    }
    if (type.isFloat()) {
      if (largest == Double.POSITIVE_INFINITY || isWithin(tensor, largest)) {
        found.add(constant);
      }
    } else if (largest == Double.POSITIVE_INFINITY
        && type.bits() < Long.SIZE
        && type != DataType.BOOL) {
      integers.add(constant);
    }
  }

  private static boolean isWithin(Tensor tensor, double largest) {
    IntToDoubleFunction element = Elements.of(tensor).orElseThrow();
    return IntStream.range(0, Math.toIntExact(tensor.shape().elements()))
        .allMatch(i -> Math.abs(element.applyAsDouble(i)) <= largest);
  }
}
