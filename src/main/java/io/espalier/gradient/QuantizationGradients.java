package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Gradients through the pair of QuantizeLinear and DequantizeLinear, which taken exactly are zero:
 * those of a clip to the range of the integers (the straight-through estimator, arXiv:1308.3432, as
 * in PyTorch's fake quantization). Scales and zero points stay.
 *
 * <p>What arrives at integers is the gradient of the numbers that they stand for.
 */
final class QuantizationGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("DequantizeLinear", each((g, ops) -> g.dy())),
          entry("QuantizeLinear", each((g, ops) -> ops.mul(g.dy(), inside(g, ops)))));

  /** Operators that may stand between the two. */
  static final Set<String> BETWEEN =
      Set.of(
          "Concat", "Flatten", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze");

  private QuantizationGradients() {}

  /** 1 where round(x / scale) + zero lies in the range of the integers, else 0. */
  private static Value inside(GradientContext g, Ops ops) {
    if (g.node().intAttribute("block_size", 0) != 0) {
      throw g.refuse("it has a scale for each block");
    }
    DataType type = g.dataType(g.x());
    Value q = ops.call("Round", ops.div(g.x(), perAxis(g, ops, g.x(1))));
    if (g.has(2)) {
      q = ops.add(q, ops.cast(perAxis(g, ops, g.x(2)), type));
    }
    boolean signed = g.dataType().name().startsWith("INT");
    double count = Math.pow(2, g.dataType().bits());
    double lowest = signed ? -count / 2 : 0;
    Value above = ops.greater(q, ops.scalar(type, lowest - 0.5));
    Value below = ops.less(q, ops.scalar(type, lowest + count - 0.5));
    return ops.cast(ops.and(above, below), type);
  }

  /** One number, or one for each index along an axis, shaped to broadcast. */
  private static Value perAxis(GradientContext g, Ops ops, Value parameter) {
    boolean vector = g.dims(parameter).filter(dims -> dims.size() == 1).isPresent();
    if (!vector || g.dim(parameter, 0) == 1) {
      return parameter;
    }
    int rank = g.rank(g.x());
    long behind = rank - 1L - g.axis("axis", 1, rank);
    return behind == 0
        ? parameter
        : ops.unsqueeze(parameter, LongStream.rangeClosed(1, behind).toArray());
  }
}
