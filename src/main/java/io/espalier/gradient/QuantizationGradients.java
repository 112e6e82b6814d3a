package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Node;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Set;

/**
 * Quantization, which has steps and no slope: its gradient is taken for that of the identity, the
 * straight-through estimator (arXiv:1308.3432). Scales and zero points stay as they are. The
 * gradient of a quantized tensor is that of the numbers it stands for, and of their type.
 */
final class QuantizationGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("DequantizeLinear", each((g, ops) -> g.dy())),
          entry("DynamicQuantizeLinear", each((g, ops) -> g.dy())),
          entry("QuantizeLinear", each((g, ops) -> g.dy())));

  private static final Set<String> OTHERS = Set.of("ConvInteger", "MatMulInteger");

  private QuantizationGradients() {}

  /** Whether a value is a tensor of integers that stand for numbers which may have gradients. */
  static boolean isQuantized(Value value) {
    return value
        .producer()
        .filter(node -> node.outputs().get(0) == value)
        .map(Node::opType)
        .filter(
            operator ->
                RULES.containsKey(operator)
                    || OTHERS.contains(operator)
                    || operator.startsWith("QLinear"))
        .isPresent();
  }
}
