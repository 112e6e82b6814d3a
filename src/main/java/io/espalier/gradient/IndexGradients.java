package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Gradients of operators that take elements by index. */
final class IndexGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("Gather", each(IndexGradients::gather)),
          entry(
              "GatherElements",
              each(
                  (g, ops) ->
                      g.summed(
                          ops.scatterAdd(
                              g.zerosToSum(g.x()),
                              g.x(1),
                              g.dyToSum(),
                              g.node().intAttribute("axis", 0))))),
          entry("GatherND", each(IndexGradients::gatherNd)),
          entry("CumSum", each(IndexGradients::cumulative)),
          entry("TopK", each(IndexGradients::top)));

  private IndexGradients() {}

  /** Rows are added where they were taken; the axis comes first for that. */
  private static Value gather(GradientContext g, Ops ops) {
    int rank = g.rank(g.x());
    int axis = g.axis("axis", 0, rank);
    long[] one = g.constantInts(1).orElse(new long[0]);
    if (one.length == 1 && g.rank(g.x(1)) == 0) {
      return slice(g, ops, axis, one[0]);
    }
    boolean wide = g.dataType(g.x(1)) == DataType.INT64;
    Value indices = ops.unsqueeze(wide ? g.x(1) : ops.cast(g.x(1), DataType.INT64), -1);
    if (axis == 0) {
      return g.summed(ops.scatterNdAdd(g.zerosToSum(g.x()), indices, g.dyToSum()));
    }
    int taken = g.rank(g.x(1));
    long[] front = toFront(axis, 1, rank);
    Value zeros = ops.filled(ops.gather(g.shapeOf(g.x()), ops.ints(front), 0), g.sumType(), 0);
    Value rows = ops.transpose(g.dyToSum(), toFront(axis, taken, rank - 1 + taken));
    Value sum = ops.scatterNdAdd(zeros, indices, rows);
    long[] back = new long[rank];
    IntStream.range(0, rank).forEach(i -> back[Math.toIntExact(front[i])] = i);
    return g.summed(ops.transpose(sum, back));
  }

  /** One slice was taken: zeros before it and behind it. */
  private static Value slice(GradientContext g, Ops ops, int axis, long index) {
    int rank = g.rank(g.x());
    long known = g.dim(g.x(), axis);
    Value slice = ops.unsqueeze(g.dy(), axis);
    if (known >= 0) {
      long start = index < 0 ? index + known : index;
      return ops.pad(slice, rank, new long[] {start, known - 1 - start}, new long[] {axis});
    }
    Value size = ops.shape(g.x(), axis, axis + 1);
    Value before = index < 0 ? ops.add(size, ops.ints(index)) : ops.ints(index);
    Value behind = index < 0 ? ops.ints(-1 - index) : ops.sub(size, ops.ints(index + 1));
    Value between = ops.ints(new long[rank - 1]);
    List<Value> pads = new ArrayList<>(List.of(before, between, behind));
    if (axis > 0) {
      pads.add(0, ops.ints(new long[axis]));
    }
    if (axis < rank - 1) {
      pads.add(ops.ints(new long[rank - 1 - axis]));
    }
    return ops.call("Pad", slice, ops.concat(0, pads));
  }

  /** The order of axes with {@code count} of them, from {@code axis} on, put first. */
  private static long[] toFront(int axis, int count, int rank) {
    return LongStream.concat(
            LongStream.range(axis, axis + count),
            LongStream.concat(LongStream.range(0, axis), LongStream.range(axis + count, rank)))
        .toArray();
  }

  private static Value gatherNd(GradientContext g, Ops ops) {
    return g.summed(ops.scatterNdAdd(g.zerosToSum(g.x()), wholeIndices(g, ops), g.dyToSum()));
  }

  /** The index tuples with the positions in the batch put first, which GatherND leaves out. */
  private static Value wholeIndices(GradientContext g, Ops ops) {
    int batch = Math.toIntExact(g.node().intAttribute("batch_dims", 0));
    Value indices = g.x(1);
    if (batch == 0) {
      return indices;
    }
    Value sizes = ops.shape(indices, 0, batch);
    Value all = ops.call("NonZero", ops.filled(sizes, DataType.INT64, 1));
    long[] ones = LongStream.generate(() -> 1).limit(g.rank(indices) - 1 - batch).toArray();
    Value aligned =
        ops.reshape(
            ops.transpose(all, 1, 0),
            ops.concat(0, List.of(sizes, ops.ints(ones), ops.ints(batch))));
    Value lead = ops.shape(indices, 0, -1);
    Value positions = ops.expand(aligned, ops.concat(0, List.of(lead, ops.ints(batch))));
    return ops.concat(-1, List.of(positions, indices));
  }

  private static Value cumulative(GradientContext g, Ops ops) {
    Attribute reverse = Attribute.of(1 - g.node().intAttribute("reverse", 0));
    Attribute exclusive = Attribute.of(g.node().intAttribute("exclusive", 0));
    return ops.call("CumSum", Map.of("reverse", reverse, "exclusive", exclusive), g.dy(), g.x(1));
  }

  private static Value top(GradientContext g, Ops ops) {
    Value indices = g.node().outputs().get(1);
    if (indices == null || g.dataType(indices) != DataType.INT64) {
      throw g.refuse("it has no output with the indices");
    }
    long axis = g.node().intAttribute("axis", -1);
    return g.summed(ops.scatterAdd(g.zerosToSum(g.x()), indices, g.dyToSum(), axis));
  }
}
