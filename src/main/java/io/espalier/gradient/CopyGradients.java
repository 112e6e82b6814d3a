package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The gradient of any operator each of whose output elements is a copy of one input element: the
 * operator itself, applied to the indices of its input, says of which.
 */
final class CopyGradients {
  private CopyGradients() {}

  /** Adds every element of the gradient where its output element was copied from. */
  static Value scatter(GradientContext g, Ops ops) {
    Value size = ops.size(g.x());
    Value zero = ops.scalar(DataType.INT64, 0);
    Value indices =
        ops.reshape(ops.range(zero, size, ops.scalar(DataType.INT64, 1)), g.shapeOf(g.x()));
    return scatter(g, ops, sameOperator(g, ops, indices));
  }

  /** As {@link #scatter}, where some output elements are 0 and no copies. */
  static Value scatterBesideZeros(GradientContext g, Ops ops) {
    Value one = ops.scalar(DataType.INT64, 1);
    Value next = ops.add(ops.size(g.x()), one);
    Value numbers = ops.reshape(ops.range(one, next, one), g.shapeOf(g.x()));
    Value origins = ops.reshape(sameOperator(g, ops, numbers), -1);
    Value zeros = ops.filled(ops.reshape(next, 1), g.sumType(), 0);
    Value sum = ops.scatterAdd(zeros, origins, ops.reshape(g.dyToSum(), -1), 0);
    long[] first = {0};
    long[] step = {1};
    return g.reshapeLike(ops.slice(sum, step, new long[] {Integer.MAX_VALUE}, first, step), g.x());
  }

  /** As {@link #scatter}; {@code origins} are the indices, of the output's shape. */
  static Value scatter(GradientContext g, Ops ops, Value origins) {
    Value zeros = ops.filled(ops.reshape(ops.size(g.x()), 1), g.sumType(), 0);
    Value sum = ops.scatterAdd(zeros, ops.reshape(origins, -1), ops.reshape(g.dyToSum(), -1), 0);
    return g.summed(g.reshapeLike(sum, g.x()));
  }

  private static Value sameOperator(GradientContext g, Ops ops, Value first) {
    List<Value> inputs = new ArrayList<>(g.node().inputs());
    inputs.set(0, first);
    Map<String, Attribute> attributes = new HashMap<>(g.node().attributes());
    OperatorId operator = g.node().operator();
    return ops.call(operator, attributes, 1, inputs.toArray(Value[]::new)).get(0);
  }
}
