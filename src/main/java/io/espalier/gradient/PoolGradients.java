package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Gradients of pools. */
final class PoolGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("MaxPool", each(PoolGradients::max)),
          entry("AveragePool", each(PoolGradients::average)),
          entry("GlobalLpPool", each(PoolGradients::globalLp)),
          entry("MaxUnpool", each(PoolGradients::unpool)),
          entry("LpPool", each(PoolGradients::lp)),
          entry("GlobalMaxPool", each(PoolGradients::globalMax)),
          entry("GlobalAveragePool", each(PoolGradients::globalAverage)));

  private PoolGradients() {}

  private static Window window(GradientContext g) {
    List<Long> kernel =
        g.node()
            .intsAttribute("kernel_shape")
            .orElseThrow(() -> g.refuse("it has no kernel_shape"));
    return Window.of(g, kernel.stream().mapToLong(Long::longValue).toArray(), g.x(), g.y());
  }

  private static Value max(GradientContext g, Ops ops) {
    Window window = window(g);
    boolean resizable = g.dataType() == DataType.FLOAT && window.rank() == 2;
    return window.tiles() && resizable ? maxOfTiles(g, ops, window) : maxByIndex(g, ops);
  }

  /**
   * Maximum and gradient, enlarged to the input's size, and a mask where the maximum is met.
   *
   * <p>Elements that tie share the gradient. PyTorch gives it to the first; for the weights behind
   * that is the same, since elements tie where what they are computed from is equal (a flat
   * background), or where an activation has no slope.
   */
  private static Value maxOfTiles(GradientContext g, Ops ops, Window window) {
    Value x = window.coversInput() ? g.x() : covered(ops, window, g.x());
    Value met = g.mask(ops.equal(x, enlarged(ops, window, g.y())));
    Map<String, Attribute> tiles =
        Map.of(
            "kernel_shape", Attribute.of(window.kernel()),
            "strides", Attribute.of(window.kernel()));
    Value dy = g.dy();
    boolean afterRelu = g.x().producer().filter(node -> node.is("Relu")).isPresent();
    if (afterRelu) {
      dy = ops.mul(dy, g.mask(ops.greater(g.y(), g.number(0))));
    }
    Value ties = ops.mul(ops.call("AveragePool", tiles, met), g.number(window.elements()));
    Value share = enlarged(ops, window, ops.div(dy, ties));
    Value gradient = uncovered(ops, window, ops.mul(share, met));
    if (afterRelu) {
      g.knowZeroBehindRelu(gradient);
    }
    return gradient;
  }

  /** The part of the input that lies in windows. */
  private static Value covered(Ops ops, Window window, Value x) {
    long[] ends = new long[window.rank()];
    Arrays.setAll(ends, i -> window.output()[i] * window.kernel()[i]);
    long[] ones = LongStream.generate(() -> 1).limit(window.rank()).toArray();
    return ops.slice(x, new long[window.rank()], ends, window.axes(), ones);
  }

  /** Zeros where no window lies. */
  private static Value uncovered(Ops ops, Window window, Value gradient) {
    if (window.coversInput()) {
      return gradient;
    }
    long[] pads = new long[2 * window.rank()];
    for (int i = 0; i < window.rank(); i++) {
      pads[window.rank() + i] = window.input()[i] - window.output()[i] * window.kernel()[i];
    }
    return ops.pad(gradient, 2 + window.rank(), pads, window.axes());
  }

  /** Each element repeated over its window. */
  private static Value enlarged(Ops ops, Window window, Value value) {
    float[] scales = new float[window.rank() + 2];
    Arrays.fill(scales, 1);
    for (int i = 0; i < window.rank(); i++) {
      scales[i + 2] = window.kernel()[i];
    }
    return ops.call(
        "Resize",
        Map.of(
            "mode", Attribute.of("nearest"),
            "coordinate_transformation_mode", Attribute.of("asymmetric"),
            "nearest_mode", Attribute.of("floor")),
        value,
        null,
        ops.floats(scales));
  }

  /** Any windows: the pool is computed once more, with the index of each first maximum. */
  private static Value maxByIndex(GradientContext g, Ops ops) {
    boolean dilated =
        g.node().intsAttribute("dilations").orElse(List.of()).stream().anyMatch(d -> d != 1);
    if (dilated && g.rank(g.x()) > 4) {
      throw g.refuse("it is dilated, and onnxruntime 1.29 gives wrong indices in 3-D then");
    }
    Map<String, Attribute> attributes = new HashMap<>(g.node().attributes());
    attributes.remove("storage_order");
    Value indices = ops.call(OperatorId.of("MaxPool"), attributes, 2, g.x()).get(1);
    return CopyGradients.scatter(g, ops, indices);
  }

  private static Value average(GradientContext g, Ops ops) {
    Window window = window(g);
    Value share = ops.mul(g.dy(), shares(g, ops, window));
    if (window.tiles() && window.rank() == 2 && g.dataType() == DataType.FLOAT) {
      return uncovered(ops, window, enlarged(ops, window, share));
    }
    return spread(g, ops, window, share);
  }

  /** To every input element, the sum of {@code share} over the windows it lies in. */
  private static Value spread(GradientContext g, Ops ops, Window window, Value share) {
    long channels = g.knownDim(g.x(), 1);
    long[] shape = new long[window.rank() + 2];
    shape[0] = channels;
    shape[1] = 1;
    System.arraycopy(window.kernel(), 0, shape, 2, window.rank());
    Value ones = ops.filled(ops.ints(shape), g.dataType(), 1);
    return ConvGradients.spread(g, ops, window, share, ones, channels, g.x());
  }

  /** y^p = sum of |x|^p: dx = sign(x) |x|^(p-1) y^(1-p) dy. */
  private static Value lp(GradientContext g, Ops ops) {
    double p = g.node().intAttribute("p", 2);
    Value share = ops.mul(g.dy(), ops.pow(g.y(), g.number(1 - p)));
    Value sum = spread(g, ops, window(g), share);
    Value power = ops.pow(ops.call("Abs", g.x()), g.number(p - 1));
    return ops.mul(sum, ops.mul(ops.call("Sign", g.x()), power));
  }

  /** One by the number of elements that a window averages. */
  private static Value shares(GradientContext g, Ops ops, Window window) {
    boolean countsPads = g.node().intAttribute("count_include_pad", 0) != 0;
    boolean ceil = g.node().intAttribute("ceil_mode", 0) != 0;
    if (!ceil && (countsPads || !window.hasPads())) {
      return g.number(1.0 / window.elements());
    }
    if (!window.knowsSizes()) {
      throw g.refuse("windows that reach over the edge need spatial dimensions that are known");
    }
    Value product = null;
    for (int axis = 0; axis < window.rank(); axis++) {
      float[] shares = new float[Math.toIntExact(window.output()[axis])];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = 1f / count(window, axis, i, countsPads);
      }
      long[] shape = LongStream.generate(() -> 1).limit(window.rank()).toArray();
      shape[axis] = shares.length;
      Value factor = ops.cast(ops.constant(ArrayTensor.of(Shape.of(shape), shares)), g.dataType());
      product = product == null ? factor : ops.mul(product, factor);
    }
    return product;
  }

  /** The elements along one axis that the window at {@code position} averages. */
  private static long count(Window window, int axis, long position, boolean countsPads) {
    long start = position * window.strides()[axis] - window.begins()[axis];
    long low = countsPads ? -window.begins()[axis] : 0;
    long high = window.input()[axis] + (countsPads ? window.ends()[axis] : 0);
    long count = 0;
    for (long k = 0; k < window.kernel()[axis]; k++) {
      long index = start + k * window.dilations()[axis];
      count += index >= low && index < high ? 1 : 0;
    }
    return count;
  }

  private static Value globalLp(GradientContext g, Ops ops) {
    double p = g.node().intAttribute("p", 2);
    Value share = ops.mul(g.dy(), ops.pow(g.y(), g.number(1 - p)));
    Value power = ops.pow(ops.call("Abs", g.x()), g.number(p - 1));
    return ops.mul(share, ops.mul(ops.call("Sign", g.x()), power));
  }

  /** Each element comes from where its index put it. */
  private static Value unpool(GradientContext g, Ops ops) {
    if (g.has(2)) {
      throw g.refuse("its output's shape is given, and indices are of another");
    }
    Value taken = ops.gather(ops.reshape(g.dy(), -1), ops.reshape(g.x(1), -1), 0);
    return g.reshapeLike(taken, g.x());
  }

  private static Value globalAverage(GradientContext g, Ops ops) {
    Value count = ops.cast(ops.div(ops.size(g.x()), ops.size(g.y())), g.dataType());
    if (g.dims(g.x()).isPresent()) {
      long known = 1;
      for (int axis = 2; axis < g.rank(g.x()); axis++) {
        known = g.dim(g.x(), axis) < 0 ? -1 : known * g.dim(g.x(), axis);
      }
      count = known > 0 ? g.number(known) : count;
    }
    return ops.expand(ops.div(g.dy(), count), g.shapeOf(g.x()));
  }

  private static Value globalMax(GradientContext g, Ops ops) {
    Value flat = ops.reshape(g.x(), 0, 0, -1);
    Value index = ops.call("ArgMax", Map.of("axis", Attribute.of(2)), flat);
    Value zeros = ops.filled(ops.shape(flat), g.dataType(), 0);
    Value gradient =
        ops.call(
            "ScatterElements",
            Map.of("axis", Attribute.of(2)),
            zeros,
            index,
            ops.reshape(g.dy(), 0, 0, -1));
    return g.reshapeLike(gradient, g.x());
  }
}
