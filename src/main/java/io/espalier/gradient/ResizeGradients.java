package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The gradient of {@code Resize}, which is linear along each axis: y = A x. The matrix A is what
 * the same operator makes of the unit matrix; onnxruntime computes it once.
 */
final class ResizeGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(entry("Resize", each(ResizeGradients::resize)));

  private static final Set<String> OWN_AXES =
      Set.of("axes", "keep_aspect_ratio_policy", "extrapolation_value");

  private ResizeGradients() {}

  private static Value resize(GradientContext g, Ops ops) {
    String policy = g.node().stringAttribute("keep_aspect_ratio_policy", "stretch");
    if (!policy.equals("stretch")) {
      throw g.refuse("it keeps the aspect ratio");
    }
    Value gradient = g.dy();
    int rank = g.rank(g.x());
    for (int axis = 0; axis < rank; axis++) {
      if (resizes(g, axis)) {
        gradient = along(g, ops, gradient, axis, rank);
      }
    }
    return gradient;
  }

  /** Whether the axis changes its size; a batch of unknown size does not. */
  private static boolean resizes(GradientContext g, int axis) {
    if (axis == 0 && g.dim(g.x(), 0) < 0) {
      return false;
    }
    if (position(g, axis) < 0) {
      return false;
    }
    if (crops(g)) {
      return axis > 1;
    }
    if (g.dims(g.y()).isPresent()
        && g.dims(g.x()).orElseThrow().get(axis).equals(g.dims(g.y()).get().get(axis))
        && g.dim(g.x(), axis) >= 0) {
      return false;
    }
    return scale(g, axis) != 1;
  }

  private static boolean crops(GradientContext g) {
    return g.node()
        .stringAttribute("coordinate_transformation_mode", "half_pixel")
        .equals("tf_crop_and_resize");
  }

  /** The region of this axis, between whole ones of the axes in front; absent unless it crops. */
  private static Value region(GradientContext g, Ops ops, int axis) {
    if (!crops(g)) {
      return null;
    }
    int axes = g.node().intsAttribute("axes").map(List::size).orElseGet(() -> g.rank(g.x()));
    Value start = element(ops, g.x(1), position(g, axis));
    Value end = element(ops, g.x(1), axes + position(g, axis));
    Value whole = ops.floats(0, 0, 0);
    return ops.concat(0, List.of(whole, start, ops.floats(1, 1, 1), end));
  }

  private static Value element(Ops ops, Value vector, long at) {
    long[] one = {1};
    return ops.slice(vector, new long[] {at}, new long[] {at + 1}, new long[1], one);
  }

  /** Where the numbers for this axis are among the scales or sizes; -1 if it has none. */
  private static int position(GradientContext g, int axis) {
    List<Long> axes = g.node().intsAttribute("axes").orElse(null);
    if (axes == null) {
      return axis;
    }
    int rank = g.rank(g.x());
    return axes.stream().map(a -> a < 0 ? a + rank : a).toList().indexOf((long) axis);
  }

  /** The scale of this axis; NaN if it is computed, or sizes are given instead. */
  private static float scale(GradientContext g, int axis) {
    Tensor scales = g.has(3) ? null : g.x(2).constant().orElse(null);
    return scales == null ? Float.NaN : scales.bytes().getFloat(Float.BYTES * position(g, axis));
  }

  private static Value scaleOf(GradientContext g, Ops ops, int axis) {
    if (!Float.isNaN(scale(g, axis))) {
      return ops.floats(scale(g, axis));
    }
    return element(ops, g.x(2), position(g, axis));
  }

  /** The gradient with this axis, whose size is the output's, back at the input's size. */
  private static Value along(GradientContext g, Ops ops, Value gradient, int axis, int rank) {
    Value in = size(g, ops, g.x(), axis);
    Value unit = ops.call("EyeLike", ops.filled(ops.concat(0, List.of(in, in)), g.dataType(), 0));
    Map<String, Attribute> attributes = new HashMap<>(g.node().attributes());
    attributes.keySet().removeAll(OWN_AXES);
    Value scales = null;
    Value sizes = null;
    if (g.has(3)) {
      sizes = ops.concat(0, List.of(ops.ints(1, 1), in, size(g, ops, g.y(), axis)));
    } else {
      scales = ops.concat(0, List.of(ops.floats(1, 1, 1), scaleOf(g, ops, axis)));
    }
    Value image = ops.unsqueeze(unit, 0, 1);
    Value resized =
        ops.call(OperatorId.of("Resize"), attributes, 1, image, region(g, ops, axis), scales, sizes)
            .get(0);
    Value matrix = ops.squeeze(resized, 0, 1);
    if (axis == rank - 2) {
      return ops.matMul(matrix, gradient);
    }
    long[] swap = LongStream.range(0, rank).toArray();
    swap[axis] = rank - 1;
    swap[rank - 1] = axis;
    boolean last = axis == rank - 1;
    Value turned = last ? gradient : ops.transpose(gradient, swap);
    Value product = ops.matMul(turned, ops.transpose(matrix, 1, 0));
    return last ? product : ops.transpose(product, swap);
  }

  private static Value size(GradientContext g, Ops ops, Value value, int axis) {
    long known = g.dims(value).isPresent() ? g.dim(value, axis) : -1;
    return known >= 0 ? ops.ints(known) : ops.shape(value, axis, axis + 1);
  }
}
