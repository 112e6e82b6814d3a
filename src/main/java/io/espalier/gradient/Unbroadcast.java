package io.espalier.gradient;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Ops;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The adjoint of broadcasting: sums a gradient over the axes along which its value was repeated.
 */
final class Unbroadcast {
  private final Ops ops;
  private final Types types;

  Unbroadcast(Ops ops, Types types) {
    this.ops = ops;
    this.types = types;
  }

  /** {@code gradient}, whose dimensions are {@code from}, in the shape of {@code like}. */
  Value sumTo(Value gradient, Optional<List<Dim>> from, Value like) {
    Optional<List<Dim>> to = types.dims(like);
    if (from.isEmpty() || to.isEmpty() || from.get().size() < to.get().size()) {
      return computed(gradient, like);
    }
    int lead = from.get().size() - to.get().size();
    LongStream.Builder axes = LongStream.builder();
    for (int axis = 0; axis < from.get().size(); axis++) {
      Dim wide = from.get().get(axis);
      Dim narrow = axis < lead ? new Dim.Known(1) : to.get().get(axis - lead);
      if (axis < lead || (isOne(narrow) && !isOne(wide))) {
        axes.add(axis);
      } else if (!(narrow instanceof Dim.Known) && !isOne(wide) && !same(narrow, wide)) {
        return computed(gradient, like);
      }
    }
    return summed(gradient, axes.build().toArray(), lead, to.get(), like);
  }

  private static boolean isOne(Dim dim) {
    return dim.equals(new Dim.Known(1));
  }

  private static boolean same(Dim a, Dim b) {
    return a instanceof Dim.Symbol && a.equals(b);
  }

  private Value summed(Value gradient, long[] axes, int lead, List<Dim> to, Value like) {
    if (axes.length == 0) {
      return gradient;
    }
    if (axes.length == lead || lead == 0) {
      return ops.reduceSum(gradient, axes, lead == 0);
    }
    Value sum = ops.reduceSum(gradient, axes, false);
    boolean known = to.stream().allMatch(dim -> dim instanceof Dim.Known);
    return known
        ? ops.reshape(sum, to.stream().mapToLong(dim -> ((Dim.Known) dim).size()).toArray())
        : ops.reshape(sum, ops.shape(like));
  }

  /** Finds the axes when the graph runs: those where {@code like} has 1 or no dimension at all. */
  private Value computed(Value gradient, Value like) {
    Value wide = ops.shape(gradient);
    Value narrow = ops.shape(like);
    Value missing = ops.sub(ops.shape(wide), ops.shape(narrow));
    Value aligned = ops.concat(0, List.of(ops.filled(missing, DataType.INT64, 1), narrow));
    Value repeated = ops.not(ops.equal(aligned, wide));
    Value axes = ops.reshape(ops.call("NonZero", repeated), -1);
    return ops.reshape(ops.reduceSum(gradient, axes, true), narrow);
  }
}
