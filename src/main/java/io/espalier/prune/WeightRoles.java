package io.espalier.prune;

import static io.espalier.prune.WeightRole.AxisRule.fixed;
import static io.espalier.prune.WeightRole.AxisRule.fromLast;
import static io.espalier.prune.WeightRole.AxisRule.transposable;
import static io.espalier.prune.WeightRole.matrix;
import static io.espalier.prune.WeightRole.tableOfRows;
import static io.espalier.prune.WeightRole.weight;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The operators that have weights, and where. The entry is the registration; what an operator is
 * not listed with (biases, scales, states, data) is never pruned. Operators of quantized networks
 * are listed so that their integer weights are named when they are left alone.
 */
final class WeightRoles {
  private static final WeightRole KERNEL = weight(1, fixed(1), fixed(1));
  private static final WeightRole INPUT_BY_OUTPUT = matrix(1, fromLast(2));
  private static final List<WeightRole> MATMUL = List.of(matrix(0, fromLast(1)), INPUT_BY_OUTPUT);
  private static final List<WeightRole> GEMM =
      List.of(matrix(0, transposable("transA", 1)), matrix(1, transposable("transB", 2)));
  private static final List<WeightRole> RECURRENT =
      List.of(weight(1, fixed(2), fixed(2)), weight(2, fixed(2), fixed(2)));

  private static final Map<String, List<WeightRole>> ROLES =
      Map.ofEntries(
          entry("Conv", List.of(KERNEL)),
          entry("DeformConv", List.of(KERNEL)),
          entry("ConvTranspose", List.of(weight(1, fixed(0), fixed(1)))),
          entry("Gemm", GEMM),
          entry("MatMul", MATMUL),
          entry("RNN", RECURRENT),
          entry("GRU", RECURRENT),
          entry("LSTM", RECURRENT),
          entry("Gather", List.of(tableOfRows(0))),
          entry("ConvInteger", List.of(KERNEL)),
          entry("QLinearConv", List.of(weight(3, fixed(1), fixed(1)))),
          entry("MatMulInteger", List.of(INPUT_BY_OUTPUT)),
          entry("QLinearMatMul", List.of(matrix(3, fromLast(2)))),
          entry("com.microsoft.FusedConv", List.of(KERNEL)),
          entry("com.microsoft.FusedGemm", GEMM),
          entry("com.microsoft.FusedMatMul", GEMM),
          entry("com.microsoft.TransposeMatMul", GEMM),
          entry("com.microsoft.GemmFastGelu", List.of(INPUT_BY_OUTPUT)),
          entry("com.microsoft.Attention", List.of(INPUT_BY_OUTPUT)),
          entry(
              "com.microsoft.EmbedLayerNormalization",
              List.of(tableOfRows(2), tableOfRows(3), tableOfRows(4))),
          entry("com.microsoft.QAttention", List.of(INPUT_BY_OUTPUT)),
          entry("com.microsoft.QGemm", List.of(matrix(3, transposable("transB", 2)))),
          entry("com.microsoft.DynamicQuantizeMatMul", List.of(INPUT_BY_OUTPUT)),
          entry("com.microsoft.MatMulIntegerToFloat", List.of(INPUT_BY_OUTPUT)),
          entry("com.microsoft.DynamicQuantizeLSTM", RECURRENT));

  private static final Set<String> GROUPED =
      Set.of("Conv", "ConvTranspose", "DeformConv", "com.microsoft.FusedConv");

  private WeightRoles() {}

  /** What a call of {@code operator} does with its input {@code slot}, if that is a weight. */
  static Optional<WeightRole> find(OperatorId operator, int slot) {
    return ROLES.getOrDefault(operator.toString(), List.of()).stream()
        .filter(role -> role.slot() == slot)
        .findFirst();
  }

  /** Whether the operator has weights, so that its other inputs are known to be none. */
  static boolean knows(OperatorId operator) {
    return ROLES.containsKey(operator.toString());
  }

  /** Every operator and slot of the table, as in {@code "Conv 1"}. */
  static Set<String> entries() {
    return ROLES.entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(role -> entry.getKey() + " " + role.slot()))
        .collect(Collectors.toSet());
  }

  /**
   * Whether {@code node} convolves every channel by itself with a weight of that layout; true as
   * well where that cannot be told because the layout is not known.
   */
  static boolean isDepthwise(Node node, Layout layout) {
    if (!GROUPED.contains(node.operator().toString())) {
      return false;
    }
    Attribute group = node.attributes().getOrDefault("group", new Attribute.IntAttribute(1));
    if (!(group instanceof Attribute.IntAttribute number)) {
      return true;
    }
    if (number.value() <= 1) {
      return false;
    }
    if (layout.axes().isEmpty() || layout.axes().get().size() < 2) {
      return true;
    }
    boolean alone = !node.is("ConvTranspose") || layout.dims().get(0) == number.value();
    return alone && layout.dims().get(1) == 1;
  }
}
