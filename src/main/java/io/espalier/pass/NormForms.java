package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Normalizations, with the sums that go into them. */
final class NormForms {
  static final Map<String, StandardForm> FORMS =
      Map.ofEntries(
          entry("RMSNormalization", NormForms::simplified),
          entry("SimplifiedLayerNormalization", NormForms::simplified),
          entry("com.microsoft.EmbedLayerNormalization", NormForms::embedded),
          entry("com.microsoft.SkipLayerNormalization", NormForms::skip),
          entry("com.microsoft.SkipSimplifiedLayerNormalization", NormForms::simplifiedSkip));

  /** What the operators of com.microsoft take where they do not say. */
  private static final float EPSILON = 1e-12f;

  private NormForms() {}

  /** arXiv:1910.07467: x / sqrt(mean x² + epsilon), scaled. */
  private static List<Value> simplified(Upgrade u, Ops ops) {
    long axis = u.node().intAttribute("axis", -1);
    long[] axes =
        axis == -1
            ? new long[] {-1}
            : LongStream.range(axis < 0 ? axis + u.rank(u.x()) : axis, u.rank(u.x())).toArray();
    Value inverse = inverse(u, ops, u.x(), axes, u.node().floatAttribute("epsilon", 1e-5f));
    return List.of(ops.mul(ops.mul(u.x(), inverse), u.input(1)), inverse);
  }

  private static Value inverse(Upgrade u, Ops ops, Value x, long[] axes, float epsilon) {
    Value mean = ops.reduceMean(ops.mul(x, x), axes, true);
    return ops.reciprocal(ops.sqrt(ops.add(mean, u.number(epsilon))));
  }

  /** The node's inputs are x, skip, scale, and a bias of x. */
  private static List<Value> simplifiedSkip(Upgrade u, Ops ops) {
    Value sum = sum(u, ops, 3);
    float epsilon = u.node().floatAttribute("epsilon", EPSILON);
    Value inverse = inverse(u, ops, sum, new long[] {-1}, epsilon);
    Value y = ops.mul(ops.mul(sum, inverse), u.input(2));
    return outputs(y, null, inverse, sum);
  }

  private static Value sum(Upgrade u, Ops ops, int bias) {
    Value sum = ops.add(u.x(), u.input(1));
    return u.node().input(bias).map(b -> ops.add(sum, b)).orElse(sum);
  }

  /** The node's inputs are x, skip, scale, shift, and a bias of x. */
  private static List<Value> skip(Upgrade u, Ops ops) {
    Value sum = sum(u, ops, 4);
    List<Value> y = layer(u, ops, sum, u.input(2), u.node().input(3).orElse(null));
    return outputs(y.get(0), y.get(1), y.get(2), sum);
  }

  /** Normalized along the last axis: the result, the mean, the inverse of the deviation. */
  private static List<Value> layer(Upgrade u, Ops ops, Value x, Value scale, Value shift) {
    Map<String, Attribute> attributes =
        Map.of("epsilon", Attribute.of(u.node().floatAttribute("epsilon", EPSILON)));
    OperatorId operator = OperatorId.of("LayerNormalization");
    return shift == null
        ? ops.call(operator, attributes, 3, x, scale)
        : ops.call(operator, attributes, 3, x, scale, shift);
  }

  private static List<Value> outputs(Value... values) {
    List<Value> outputs = new ArrayList<>();
    for (Value value : values) {
      outputs.add(value);
    }
    return outputs;
  }

  /**
   * The node's inputs are the ids of words and segments, the tables of words, positions and
   * segments, scale and shift, a mask, and the ids of positions.
   */
  private static List<Value> embedded(Upgrade u, Ops ops) {
    Value ids = u.x();
    Value sum = ops.add(ops.gather(u.input(2), ids, 0), positions(u, ops));
    if (u.node().input(1).isPresent()) {
      sum = ops.add(sum, ops.gather(u.input(4), u.input(1), 0));
    }
    Value y = layer(u, ops, sum, u.input(5), u.input(6)).get(0);
    return outputs(y, lengths(u, ops), sum);
  }

  private static Value positions(Upgrade u, Ops ops) {
    if (u.node().input(8).isPresent()) {
      return ops.gather(u.input(3), u.input(8), 0);
    }
    return ops.call("Slice", u.input(3), ops.ints(0), ops.shape(u.x(), 1, 2), ops.ints(0));
  }

  /** How many elements of each row the mask has; 0 without a mask. */
  private static Value lengths(Upgrade u, Ops ops) {
    if (u.node().input(7).isEmpty()) {
      return ops.filled(ops.shape(u.x(), 0, 1), DataType.INT32, 0);
    }
    Value one = ops.scalar(DataType.INT32, 1);
    Value taken = ops.cast(ops.equal(u.input(7), one), DataType.INT32);
    return ops.reduceSum(taken, new long[] {1}, false);
  }
}
