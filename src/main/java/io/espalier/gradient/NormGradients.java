package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static io.espalier.gradient.GradientRule.together;
import static java.util.Map.entry;

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
          entry("Softmax", each(NormGradients::softmax)),
          entry("LogSoftmax", each(NormGradients::logSoftmax)));

  private NormGradients() {}

  private static Value softmax(GradientContext g, Ops ops) {
    long axis = g.node().intAttribute("axis", -1);
    Value product = ops.mul(g.dy(), g.y());
    Value sum = ops.reduceSum(product, new long[] {axis}, true);
    return ops.sub(product, ops.mul(g.y(), sum));
  }

  private static Value logSoftmax(GradientContext g, Ops ops) {
    long axis = g.node().intAttribute("axis", -1);
    Value sum = ops.reduceSum(g.dy(), new long[] {axis}, true);
    return ops.sub(g.dy(), ops.mul(ops.exp(g.y()), sum));
  }

  /** Statistics along {@code axes} of x, or of what stands in for it. */
  private record Normalized(Value centered, Value inverse, long[] axes) {
    static Normalized of(GradientContext g, Ops ops, long[] axes, float epsilon) {
      Value centered = ops.sub(g.x(), ops.reduceMean(g.x(), axes, true));
      Value variance = ops.reduceMean(ops.mul(centered, centered), axes, true);
      Value deviation = ops.sqrt(ops.add(variance, g.number(epsilon)));
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

  /** arXiv:1502.03167: the gradient passes through the statistics of the batch. */
  private static List<Value> batchInTraining(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long[] axes = channelAxes(rank);
    Value mean = ops.reduceMean(g.x(), axes, true);
    Value centered = ops.sub(g.x(), mean);
    Value variance = ops.reduceMean(ops.mul(centered, centered), axes, false);
    Value inverse = ops.reciprocal(ops.sqrt(ops.add(variance, g.number(epsilon(g)))));
    Value dBias = ops.reduceSum(g.dy(), axes, false);
    Value dScale = ops.mul(ops.reduceSum(ops.mul(g.dy(), centered), axes, false), inverse);
    Value dx = null;
    if (g.wants(0)) {
      Value count = ops.cast(ops.div(ops.size(g.x()), ops.size(g.x(1))), g.dataType());
      Value factor = ops.mul(g.x(1), inverse);
      Value slope = ops.neg(ops.div(ops.mul(factor, ops.mul(inverse, dScale)), count));
      Value offset = ops.neg(ops.div(ops.mul(factor, dBias), count));
      Value direct = ops.mul(g.dy(), perChannel(ops, factor, rank));
      Value indirect = ops.mul(centered, perChannel(ops, slope, rank));
      dx = ops.add(ops.add(direct, indirect), perChannel(ops, offset, rank));
    }
    return gradients(g, dx, dScale, dBias);
  }

  /** With given statistics, y is linear in x. */
  private static List<Value> batchInInference(GradientContext g, Ops ops) {
    if (g.wants(3) || g.wants(4)) {
      throw g.refuse("its mean or variance is computed from weights");
    }
    int rank = g.rank(g.x());
    long[] axes = channelAxes(rank);
    Value inverse = ops.reciprocal(ops.sqrt(ops.add(g.x(4), g.number(epsilon(g)))));
    Value dx = ops.mul(g.dy(), perChannel(ops, ops.mul(g.x(1), inverse), rank));
    Value centered = ops.sub(g.x(), perChannel(ops, g.x(3), rank));
    Value dScale = ops.mul(ops.reduceSum(ops.mul(g.dy(), centered), axes, false), inverse);
    return gradients(g, dx, dScale, ops.reduceSum(g.dy(), axes, false));
  }

  /** arXiv:1607.06450. */
  private static List<Value> layer(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    long[] axes = LongStream.range(g.axis("axis", -1, rank), rank).toArray();
    Normalized n = Normalized.of(g, ops, axes, epsilon(g));
    Value dx = g.wants(0) ? n.backward(ops, ops.mul(g.dy(), g.x(1))) : null;
    Value normalized = ops.mul(n.centered(), n.inverse());
    Value dScale = g.sumTo(ops.mul(g.dy(), normalized), g.dims(g.x()), g.x(1));
    Value dBias = g.has(2) ? g.sumTo(g.dy(), g.dims(g.x()), g.x(2)) : null;
    return gradients(g, dx, dScale, dBias);
  }

  /** arXiv:1607.08022: the statistics are of one channel of one sample. */
  private static List<Value> instance(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    Normalized n = Normalized.of(g, ops, LongStream.range(2, rank).toArray(), epsilon(g));
    Value scaled = ops.mul(g.dy(), perChannel(ops, g.x(1), rank));
    Value dx = g.wants(0) ? n.backward(ops, scaled) : null;
    Value normalized = ops.mul(n.centered(), n.inverse());
    long[] axes = channelAxes(rank);
    Value dScale = ops.reduceSum(ops.mul(g.dy(), normalized), axes, false);
    return gradients(g, dx, dScale, ops.reduceSum(g.dy(), axes, false));
  }

  private static List<Value> gradients(GradientContext g, Value... first) {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < g.node().inputs().size(); i++) {
      all.add(i < first.length ? first[i] : null);
    }
    return all;
  }
}
