package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static io.espalier.gradient.GradientRule.together;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Gradients of operators that move elements and do not change them. */
final class ShapeGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("Identity", each((g, ops) -> g.dy())),
          entry("Cast", each((g, ops) -> ops.cast(g.dy(), g.dataType(g.x())))),
          entry("CastLike", each((g, ops) -> ops.cast(g.dy(), g.dataType(g.x())))),
          entry("Reshape", each((g, ops) -> g.reshapeLike(g.dy(), g.x()))),
          entry("Flatten", each((g, ops) -> g.reshapeLike(g.dy(), g.x()))),
          entry("Squeeze", each((g, ops) -> g.reshapeLike(g.dy(), g.x()))),
          entry("Unsqueeze", each((g, ops) -> g.reshapeLike(g.dy(), g.x()))),
          entry("Transpose", each(ShapeGradients::transpose)),
          entry("Concat", together(ShapeGradients::concat)),
          entry("Split", each(ShapeGradients::split).ofAllOutputs()),
          entry("Slice", each(ShapeGradients::slice)),
          entry("Pad", each(ShapeGradients::pad)),
          entry("Expand", each((g, ops) -> g.dy()).broadcasts()),
          entry("Tile", each((g, ops) -> CopyGradients.scatter(g, ops))),
          entry("Compress", each((g, ops) -> CopyGradients.scatter(g, ops))),
          entry("CenterCropPad", each((g, ops) -> CopyGradients.scatterBesideZeros(g, ops))),
          entry(
              "ReverseSequence",
              each((g, ops) -> ops.call("ReverseSequence", g.node().attributes(), g.dy(), g.x(1)))),
          entry("Trilu", each(ShapeGradients::triangle)),
          entry("DepthToSpace", each(ShapeGradients::depthToSpace)),
          entry("SpaceToDepth", each((g, ops) -> block(g, ops, "DepthToSpace"))));

  private ShapeGradients() {}

  private static Value transpose(GradientContext g, Ops ops) {
    List<Long> axes = g.node().intsAttribute("perm").orElse(null);
    if (axes == null) {
      return ops.call("Transpose", g.dy());
    }
    long[] inverse = new long[axes.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[Math.toIntExact(axes.get(i))] = i;
    }
    return ops.transpose(g.dy(), inverse);
  }

  private static List<Value> concat(GradientContext g, Ops ops) {
    List<Value> inputs = g.node().inputs();
    if (inputs.size() == 1) {
      return List.of(g.dy());
    }
    boolean fromTheEnd = g.node().intAttribute("axis", 0) < 0;
    Value ranked = inputs.stream().filter(x -> g.dims(x).isPresent()).findFirst().orElseGet(g::y);
    int axis = g.axis("axis", 0, fromTheEnd ? g.rank(ranked) : 0);
    boolean known = inputs.stream().allMatch(x -> g.dim(x, axis) >= 0);
    Value sizes =
        known
            ? ops.ints(inputs.stream().mapToLong(x -> g.dim(x, axis)).toArray())
            : ops.concat(0, inputs.stream().map(x -> ops.shape(x, axis, axis + 1)).toList());
    return ops.split(g.dy(), axis, sizes, inputs.size());
  }

  private static Value split(GradientContext g, Ops ops) {
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < g.node().outputs().size(); i++) {
      if (g.node().outputs().get(i) == null) {
        throw g.refuse("one of its outputs is left out");
      }
      parts.add(g.dy(i));
    }
    return ops.concat(g.node().intAttribute("axis", 0), parts);
  }

  /** Zeros around the gradient where whole stretches are taken; else element by element. */
  private static Value slice(GradientContext g, Ops ops) {
    long[] starts = g.constantInts(1).orElse(null);
    long[] ends = g.constantInts(2).orElse(null);
    long[] axes =
        g.has(3) || starts == null
            ? g.constantInts(3).orElse(null)
            : IntStream.range(0, starts.length).asLongStream().toArray();
    boolean dense =
        !g.has(4)
            || g.constantInts(4)
                .filter(steps -> Arrays.stream(steps).allMatch(step -> step == 1))
                .isPresent();
    if (starts == null || ends == null || axes == null || !dense || g.dims(g.x()).isEmpty()) {
      return CopyGradients.scatter(g, ops);
    }
    long[] pads = new long[2 * axes.length];
    for (int i = 0; i < axes.length; i++) {
      int axis = Math.toIntExact(axes[i] < 0 ? axes[i] + g.rank(g.x()) : axes[i]);
      long size = g.dim(g.x(), axis);
      if (size < 0) {
        return CopyGradients.scatter(g, ops);
      }
      long start = clamp(starts[i], size);
      pads[i] = start;
      pads[axes.length + i] = size - Math.max(start, clamp(ends[i], size));
    }
    return ops.pad(g.dy(), g.rank(g.x()), pads, axes);
  }

  private static long clamp(long index, long size) {
    return Math.max(0, Math.min(size, index < 0 ? index + size : index));
  }

  /** A negative pad takes away. */
  private static Value pad(GradientContext g, Ops ops) {
    if (!g.node().stringAttribute("mode", "constant").equals("constant")) {
      return CopyGradients.scatter(g, ops);
    }
    Value taken =
        g.constantInts(1)
            .map(pads -> ops.ints(Arrays.stream(pads).map(pad -> -pad).toArray()))
            .orElseGet(() -> ops.neg(g.x(1)));
    return ops.pad(g.dy(), taken, g.has(3) ? g.x(3) : null);
  }

  private static Value triangle(GradientContext g, Ops ops) {
    Map<String, Attribute> upper = Map.of("upper", Attribute.of(g.node().intAttribute("upper", 1)));
    return g.has(1) ? ops.call("Trilu", upper, g.dy(), g.x(1)) : ops.call("Trilu", upper, g.dy());
  }

  private static Value depthToSpace(GradientContext g, Ops ops) {
    if (g.node().stringAttribute("mode", "DCR").equals("DCR")) {
      return block(g, ops, "SpaceToDepth");
    }
    long size = g.node().intAttribute("blocksize", 1);
    long channels = g.knownDim(g.y(), 1);
    long height = g.knownDim(g.x(), 2);
    long width = g.knownDim(g.x(), 3);
    Value cells = ops.reshape(g.dy(), -1, channels, height, size, width, size);
    return ops.reshape(
        ops.transpose(cells, 0, 1, 3, 5, 2, 4), -1, channels * size * size, height, width);
  }

  private static Value block(GradientContext g, Ops ops, String opType) {
    long size = g.node().intAttribute("blocksize", 1);
    return ops.call(opType, Map.of("blocksize", Attribute.of(size)), g.dy());
  }
}
