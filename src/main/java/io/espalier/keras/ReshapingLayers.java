package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Layers of {@code keras.layers.reshaping}. */
final class ReshapingLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Flatten", LayerRule.one(ReshapingLayers::flatten)),
          entry("Reshape", LayerRule.one(ReshapingLayers::reshape)),
          entry("Permute", LayerRule.one(ReshapingLayers::permute)),
          entry("RepeatVector", LayerRule.one(ReshapingLayers::repeatVector)),
          entry("Cropping1D", LayerRule.one(ReshapingLayers::crop)),
          entry("Cropping2D", LayerRule.one(ReshapingLayers::crop)),
          entry("Cropping3D", LayerRule.one(ReshapingLayers::crop)),
          entry("ZeroPadding1D", LayerRule.one(ReshapingLayers::pad)),
          entry("ZeroPadding2D", LayerRule.one(ReshapingLayers::pad)),
          entry("ZeroPadding3D", LayerRule.one(ReshapingLayers::pad)),
          entry("UpSampling1D", LayerRule.one(ReshapingLayers::upSample)),
          entry("UpSampling2D", LayerRule.one(ReshapingLayers::upSample)),
          entry("UpSampling3D", LayerRule.one(ReshapingLayers::upSample)));

  private ReshapingLayers() {}

  /** All but the batch in one axis, channels last whatever the data format is. */
  private static KerasTensor flatten(LayerContext layer, KerasTensor input) {
    KerasTensor x = input;
    if (x.rank() == 2) {
      return x.withMask(null);
    }
    if (x.rank() == 1) {
      return new KerasTensor(
          layer.ops().unsqueeze(x.value(), 1), x.type(), new long[] {-1, 1}, Layout.plain(2), null);
    }
    if (layer.channelsFirst()) {
      int rank = x.rank();
      int[] order = IntStream.range(0, rank).map(axis -> axis == 0 ? 0 : axis + 1).toArray();
      order[rank - 1] = 1;
      x = view(x, order);
    }
    if (!x.isKnown() || x.layout().order()[0] != 0) {
      x = layer.asPlain(x);
    }
    return flattened(layer, x);
  }

  private static KerasTensor flattened(LayerContext layer, KerasTensor x) {
    long[] dims = Arrays.copyOfRange(x.dims(), 1, x.rank());
    long size = x.isKnown() ? Arrays.stream(dims).reduce(1, Math::multiplyExact) : -1;
    Value y = layer.ops().reshape(x.value(), 0, x.isKnown() ? size : -1);
    int[] order = Arrays.stream(x.layout().order()).skip(1).map(axis -> axis - 1).toArray();
    int[] moving = Arrays.stream(order).filter(axis -> dims[axis] != 1).toArray();
    boolean inOrder = IntStream.range(1, moving.length).allMatch(i -> moving[i - 1] < moving[i]);
    Layout layout = inOrder ? Layout.plain(2) : new Layout(order, dims);
    return new KerasTensor(y, x.type(), new long[] {x.dim(0), size}, layout, null);
  }

  /** The same values under axes in another order: axis i is axis {@code order[i]} of x. */
  static KerasTensor view(KerasTensor x, int... order) {
    long[] dims = Arrays.stream(order).mapToLong(axis -> x.dims()[axis]).toArray();
    int[] layout =
        Arrays.stream(x.layout().order())
            .map(
                axis ->
                    IntStream.range(0, order.length)
                        .filter(i -> order[i] == axis)
                        .findFirst()
                        .orElseThrow())
            .toArray();
    return new KerasTensor(x.value(), x.type(), dims, Layout.ordered(layout), null);
  }

  private static KerasTensor reshape(LayerContext layer, KerasTensor x) {
    return reshape(layer, x, layer.config().integers("target_shape"));
  }

  /** {@code x} in another shape; {@code target} is without the batch, -1 takes what remains. */
  static KerasTensor reshape(LayerContext layer, KerasTensor x, long... target) {
    long[] dims = new long[target.length + 1];
    System.arraycopy(target, 0, dims, 1, target.length);
    dims[0] = x.dim(0);
    long[] shape = dims.clone();
    shape[0] = 0;
    long open = Arrays.stream(target).filter(dim -> dim < 0).count();
    if (open > 1) {
      throw layer.malformed("target_shape: at most one -1, got " + Arrays.toString(target));
    }
    if (x.isKnown()) {
      long size = Arrays.stream(x.dims()).skip(1).reduce(1, Math::multiplyExact);
      long said = Arrays.stream(target).filter(dim -> dim >= 0).reduce(1, Math::multiplyExact);
      if (open == 0 ? said != size : said == 0 || size % said != 0) {
        throw layer.malformed(
            "target_shape: %s does not hold the %d elements of %s"
                .formatted(Arrays.toString(target), size, x.shapeText()));
      }
      for (int axis = 1; axis < dims.length; axis++) {
        dims[axis] = dims[axis] < 0 ? size / said : dims[axis];
        shape[axis] = dims[axis];
      }
    }
    Value y = layer.ops().reshape(layer.plain(x), shape);
    return KerasTensor.plain(y, x.type(), dims);
  }

  /** Nothing moves: the axes get other numbers. */
  private static KerasTensor permute(LayerContext layer, KerasTensor input) {
    KerasTensor x = input.layout().isFlat() ? layer.asPlain(input) : input;
    long[] dims = layer.config().integers("dims");
    int[] order = new int[dims.length + 1];
    for (int i = 0; i < dims.length; i++) {
      order[i + 1] = Math.toIntExact(dims[i]);
    }
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, x.rank()).toArray())) {
      throw layer.malformed(
          "dims: expected the axes 1 to %d, got %s".formatted(x.rank() - 1, Arrays.toString(dims)));
    }
    return view(x, order);
  }

  private static KerasTensor repeatVector(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.requireRank(input, 2));
    long times = layer.config().integer("n");
    Ops ops = layer.ops();
    Value y = ops.call("Tile", ops.unsqueeze(x.value(), 1), ops.ints(1, times, 1));
    return KerasTensor.plain(y, x.type(), x.dim(0), times, x.dim(1));
  }

  private static KerasTensor crop(LayerContext layer, KerasTensor input) {
    KerasTensor x = input.layout().isFlat() ? layer.asPlain(input) : input;
    int spatial = x.rank() - 2;
    long[][] cut = pairs(layer, "cropping", spatial);
    int first = layer.channelsFirst() ? 2 : 1;
    long[] dims = x.dims().clone();
    long[] starts = new long[spatial];
    long[] ends = new long[spatial];
    long[] axes = new long[spatial];
    long[] steps = new long[spatial];
    for (int i = 0; i < spatial; i++) {
      axes[i] = x.layout().axisOf(first + i);
      starts[i] = cut[i][0];
      ends[i] = cut[i][1] == 0 ? Integer.MAX_VALUE : -cut[i][1];
      steps[i] = 1;
      dims[first + i] = dims[first + i] < 0 ? -1 : dims[first + i] - cut[i][0] - cut[i][1];
    }
    Value y = layer.ops().slice(x.value(), starts, ends, axes, steps);
    return new KerasTensor(y, x.type(), dims, x.layout(), null);
  }

  private static KerasTensor pad(LayerContext layer, KerasTensor input) {
    KerasTensor x = input.layout().isFlat() ? layer.asPlain(input) : input;
    int spatial = x.rank() - 2;
    long[][] added = pairs(layer, "padding", spatial);
    int first = layer.channelsFirst() ? 2 : 1;
    long[] dims = x.dims().clone();
    long[] pads = new long[2 * x.rank()];
    for (int i = 0; i < spatial; i++) {
      int axis = x.layout().axisOf(first + i);
      pads[axis] = added[i][0];
      pads[x.rank() + axis] = added[i][1];
      dims[first + i] = dims[first + i] < 0 ? -1 : dims[first + i] + added[i][0] + added[i][1];
    }
    Value y = layer.ops().call("Pad", x.value(), layer.ops().ints(pads));
    return new KerasTensor(y, x.type(), dims, x.layout(), null);
  }

  /** What is said for both ends of each axis: one number, one for each axis, or two. */
  private static long[][] pairs(LayerContext layer, String key, int spatial) {
    Json said = layer.config().get(key);
    long[][] pairs = new long[spatial][];
    if (said.isNumber()) {
      Arrays.setAll(pairs, i -> new long[] {said.integer(), said.integer()});
      return pairs;
    }
    List<Json> items = said.items();
    if (spatial == 1 && items.size() == 2 && items.get(0).isNumber()) {
      pairs[0] = said.integers();
    } else if (spatial == 2 && items.size() == 4) { // Keras 1: top, bottom, left, right
      pairs[0] = new long[] {items.get(0).integer(), items.get(1).integer()};
      pairs[1] = new long[] {items.get(2).integer(), items.get(3).integer()};
    } else if (items.size() == spatial) {
      for (int i = 0; i < spatial; i++) {
        long[] pair = items.get(i).integers();
        pairs[i] = pair.length == 1 ? new long[] {pair[0], pair[0]} : pair;
      }
    } else {
      throw said.unexpected("numbers for " + spatial + " axes");
    }
    return pairs;
  }

  private static KerasTensor upSample(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.floating(input.layout().isFlat() ? layer.asPlain(input) : input);
    String interpolation = layer.config().text("interpolation", "nearest");
    if (!interpolation.equals("nearest") && !layer.channelsFirst()) {
      Layout wanted = Layout.channelsSecond(x.rank());
      x = new KerasTensor(layer.arranged(x, wanted), x.type(), x.dims(), wanted, null);
    }
    int spatial = x.rank() - 2;
    long[] said = layer.config().integers("size");
    int first = layer.channelsFirst() ? 2 : 1;
    float[] scales = new float[x.rank()];
    Arrays.fill(scales, 1);
    long[] dims = x.dims().clone();
    for (int i = 0; i < spatial; i++) {
      long scale = said[said.length == 1 ? 0 : i];
      scales[x.layout().axisOf(first + i)] = scale;
      dims[first + i] = dims[first + i] < 0 ? -1 : Math.multiplyExact(dims[first + i], scale);
    }
    Ops ops = layer.ops();
    Value y =
        ops.call(
            "Resize",
            ImageResize.repeated(layer, interpolation),
            x.value(),
            null,
            ops.floats(scales));
    return new KerasTensor(y, x.type(), dims, x.layout(), null);
  }
}
