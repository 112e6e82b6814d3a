package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static io.espalier.gradient.GradientRule.together;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradients of normalizations. */
final class NormGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("BatchNormalization", together(NormGradients::batch)),
          entry("LayerNormalization", together(NormGradients::layer)),
          entry("InstanceNormalization", together(NormGradients::instance)),
          entry("GroupNormalization", together(NormGradients::group)),
          entry("MeanVarianceNormalization", each(NormGradients::meanVariance)),
          entry("LpNormalization", each(NormGradients::lp)),
          entry("LRN", each(NormGradients::localResponse)),
          entry("Softmax", each(NormGradients::softmax)),
          entry("LogSoftmax", each(NormGradients::logSoftmax)));

  private NormGradients() {}

  private static Value softmax(GradientContext g, Ops ops) {
    long axis = g.node().intAttribute("axis", -1);
    Value product = ops.mul(g.dy(), g.y());
    Value sum = ops.reduceSum(product, new long[] {axis}, true);
    Value gradient = ops.sub(product, ops.mul(g.y(), sum));
    return isReplaced(g.y())
        ? ops.where(ops.call("IsNaN", g.y()), g.number(0), gradient)
        : gradient;
  }

  /** Whether a {@code Where} may put something else in the place of rows without any element. */
  private static boolean isReplaced(Value softmax) {
    return softmax.uses().stream()
        .map(Value.Use::node)
        .anyMatch(
            node ->
                node.is("Where")
                    || (node.is("Cast") || node.is("CastLike") || node.is("Identity"))
                        && isReplaced(node.outputs().get(0)));
  }

  private static Value logSoftmax(GradientContext g, Ops ops) {
    long axis = g.node().intAttribute("axis", -1);
    Value sum = ops.reduceSum(g.dy(), new long[] {axis}, true);
    return ops.sub(g.dy(), ops.mul(ops.exp(g.y()), sum));
  }

  /** Statistics along {@code axes} of x, or of what stands in for it. */
  private record Normalized(Value centered, Value inverse, long[] axes) {
    static Normalized of(Ops ops, Value x, long[] axes, Value epsilon) {
      Value centered = ops.sub(x, ops.reduceMean(x, axes, true));
      Value variance = ops.reduceMean(ops.mul(centered, centered), axes, true);
      Value deviation = ops.sqrt(ops.add(variance, epsilon));
      return new Normalized(centered, ops.reciprocal(deviation), axes);
    }

    /**
     * The gradient through mean and variance: r (d - mean d - n mean(d n)), where n = c r, c being
     * centered x and r the inverse of the deviation.
     */
    Value backward(Ops ops, Value d) {
      Value mean = ops.reduceMean(d, axes, true);
      Value along = ops.reduceMean(ops.mul(d, centered), axes, true);
      Value slope = ops.mul(along, ops.mul(inverse, inverse));
      Value inner = ops.sub(ops.sub(d, mean), ops.mul(centered, slope));
      return ops.mul(inner, inverse);
    }
  }

  private static float epsilon(GradientContext g) {
    return g.node().floatAttribute("epsilon", 1e-5f);
  }

  /** All axes but the channels'. */
  private static long[] channelAxes(int rank) {
    return LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
  }

  /** A vector of one number per channel, shaped to broadcast. */
  private static Value perChannel(Ops ops, Value vector, int rank) {
    if (rank < 3) {
      return vector;
    }
    return ops.unsqueeze(vector, LongStream.range(1, rank - 1).toArray());
  }

  private static List<Value> batch(GradientContext g, Ops ops) {
    return g.node().intAttribute("training_mode", 0) != 0
        ? batchInTraining(g, ops)
        : batchInInference(g, ops);
  }

  /**
   * arXiv:1502.03167: the gradient passes through the statistics of the batch. With n = (x - m) r,
   * r = (v + e)^(-1/2): ds = sum(dy n), dx = s r dy - n s r ds / count - s r db / count; what
   * follows the first minus is the operator itself with another scale and shift.
   */
  private static List<Value> batchInTraining(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long[] axes = channelAxes(rank);
    boolean given = g.node().outputs().size() > 2 && g.node().floatAttribute("momentum", 0.9f) == 0;
    Value mean = given ? g.node().outputs().get(1) : ops.reduceMean(g.x(), axes, false);
    Value centered = ops.sub(g.x(), perChannel(ops, mean, rank));
    Value variance =
        given
            ? g.node().outputs().get(2)
            : ops.reduceMean(ops.mul(centered, centered), axes, false);
    Value inverse = ops.reciprocal(ops.sqrt(ops.add(variance, g.number(epsilon(g)))));
    Value dBias = ops.reduceSum(g.dy(), axes, false);
    Value dScale = ops.mul(ops.reduceSum(ops.mul(g.dy(), centered), axes, false), inverse);
    Value dx = null;
    if (g.wants(0)) {
      Value count = ops.cast(ops.div(ops.size(g.x()), ops.size(g.x(1))), g.dataType());
      Value factor = ops.mul(g.x(1), inverse);
      Value share = ops.neg(ops.div(factor, count));
      Value indirect =
          ops.call(
              "BatchNormalization",
              Map.of("epsilon", Attribute.of(epsilon(g))),
              g.x(),
              ops.mul(share, dScale),
              ops.mul(share, dBias),
              mean,
              variance);
      dx = ops.add(ops.mul(g.dy(), perChannel(ops, factor, rank)), indirect);
    }
    return gradients(g, dx, dScale, dBias);
  }

  /** y = s r (x - m) + b with r = (v + e)^(-1/2), each per channel: dv = -s r^3 / 2 dy (x - m). */
  private static List<Value> batchInInference(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long[] axes = channelAxes(rank);
    Value inverse = ops.reciprocal(ops.sqrt(ops.add(g.x(4), g.number(epsilon(g)))));
    Value factor = ops.mul(g.x(1), inverse);
    Value dx = ops.mul(g.dy(), perChannel(ops, factor, rank));
    Value centered = ops.sub(g.x(), perChannel(ops, g.x(3), rank));
    Value along = ops.reduceSum(ops.mul(g.dy(), centered), axes, false);
    Value dBias = ops.reduceSum(g.dy(), axes, false);
    Value dMean = ops.neg(ops.mul(dBias, factor));
    Value cubed = ops.mul(ops.mul(factor, ops.mul(inverse, inverse)), g.number(-0.5));
    return gradients(g, dx, ops.mul(along, inverse), dBias, dMean, ops.mul(along, cubed));
  }

  /** arXiv:1607.06450. */
  private static List<Value> layer(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long[] axes = LongStream.range(g.axis("axis", -1, rank), rank).toArray();
    Normalized n = Normalized.of(ops, g.x(), axes, g.number(epsilon(g)));
    Value dx = g.wants(0) ? n.backward(ops, ops.mul(g.dy(), g.x(1))) : null;
    Value normalized = ops.mul(n.centered(), n.inverse());
    Value dScale = g.sumTo(ops.mul(g.dy(), normalized), g.dims(g.x()), g.x(1));
    Value dBias = g.has(2) ? g.sumTo(g.dy(), g.dims(g.x()), g.x(2)) : null;
    return gradients(g, dx, dScale, dBias);
  }

  /** arXiv:1607.08022: the statistics are of one channel of one sample. */
  private static List<Value> instance(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    Normalized n =
        Normalized.of(ops, g.x(), LongStream.range(2, rank).toArray(), g.number(epsilon(g)));
    Value scaled = ops.mul(g.dy(), perChannel(ops, g.x(1), rank));
    Value dx = g.wants(0) ? n.backward(ops, scaled) : null;
    Value normalized = ops.mul(n.centered(), n.inverse());
    long[] axes = channelAxes(rank);
    Value dScale = ops.reduceSum(ops.mul(g.dy(), normalized), axes, false);
    return gradients(g, dx, dScale, ops.reduceSum(g.dy(), axes, false));
  }

  /** arXiv:1803.08494: the statistics are of some channels of one sample. */
  private static List<Value> group(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long groups = g.node().intAttribute("num_groups", 1);
    Normalized n =
        Normalized.of(ops, ops.reshape(g.x(), 0, groups, -1), new long[] {2}, g.number(epsilon(g)));
    Value dx = null;
    if (g.wants(0)) {
      Value scaled = ops.mul(g.dy(), perChannel(ops, g.x(1), rank));
      dx = g.reshapeLike(n.backward(ops, ops.reshape(scaled, 0, groups, -1)), g.x());
    }
    Value normalized = g.reshapeLike(ops.mul(n.centered(), n.inverse()), g.x());
    long[] axes = channelAxes(rank);
    Value dScale = ops.reduceSum(ops.mul(g.dy(), normalized), axes, false);
    return gradients(g, dx, dScale, ops.reduceSum(g.dy(), axes, false));
  }

  private static Value meanVariance(GradientContext g, Ops ops) {
    long[] axes =
        g.node().intsAttribute("axes").orElse(List.of(0L, 2L, 3L)).stream()
            .mapToLong(Long::longValue)
            .toArray();
    return Normalized.of(ops, g.x(), axes, g.number(1e-9)).backward(ops, g.dy());
  }

  /** y = x / |x|: (dy - y (dy y)) / |x|, with the sign of x instead of the second y for p = 1. */
  private static Value lp(GradientContext g, Ops ops) {
    long p = g.node().intAttribute("p", 2);
    long axis = g.node().intAttribute("axis", -1);
    Attribute keep = Attribute.of(1);
    Value norm = ops.call("ReduceL" + p, Map.of("keepdims", keep), g.x(), ops.ints(axis));
    Value along = ops.reduceSum(ops.mul(g.dy(), g.y()), new long[] {axis}, true);
    Value direction = p == 1 ? ops.call("Sign", g.x()) : g.y();
    return ReductionGradients.orZero(g, ops, ops.sub(g.dy(), ops.mul(direction, along)), norm);
  }

  /**
   * y = x s^-b, s = bias + alpha mean(x^2 over neighbouring channels): dx = dy s^-b - 2 alpha b x
   * mean(dy y / s over the channels it is a neighbour of).
   */
  private static Value localResponse(GradientContext g, Ops ops) {
    double alpha = g.node().floatAttribute("alpha", 1e-4f);
    double beta = g.node().floatAttribute("beta", 0.75f);
    long size = g.node().intAttribute("size", 1);
    long before = (size - 1) / 2;
    Value mean = channelMean(g, ops, ops.mul(g.x(), g.x()), size, before);
    Value s = ops.add(ops.mul(mean, g.number(alpha)), g.number(g.node().floatAttribute("bias", 1)));
    Value direct = ops.mul(g.dy(), ops.pow(s, g.number(-beta)));
    Value shared = ops.div(ops.mul(g.dy(), g.y()), s);
    Value around = channelMean(g, ops, shared, size, size - 1 - before);
    return ops.sub(direct, ops.mul(ops.mul(around, g.number(2 * alpha * beta)), g.x()));
  }

  /** The sum over {@code size} channels, {@code before} of them in front, divided by size. */
  private static Value channelMean(
      GradientContext g, Ops ops, Value value, long size, long before) {
    Value rows = ops.unsqueeze(ops.reshape(value, 0, 0, -1), 1);
    Value mean =
        ops.call(
            "AveragePool",
            Map.of(
                "kernel_shape", Attribute.of(size, 1),
                "pads", Attribute.of(before, 0, size - 1 - before, 0),
                "count_include_pad", Attribute.of(1)),
            rows);
    return g.reshapeLike(mean, g.x());
  }

  private static List<Value> gradients(GradientContext g, Value... first) {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < g.node().inputs().size(); i++) {
      all.add(i < first.length ? first[i] : null);
    }
    return all;
  }
}
