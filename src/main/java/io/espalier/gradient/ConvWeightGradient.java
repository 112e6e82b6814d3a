package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The gradient of a convolution's weights: the correlation of what went in with the gradient of
 * what came out, summed over the batch. In one of three forms, whichever is fastest:
 *
 * <ul>
 *   <li>a {@code Conv} in which batch and channels change places, and strides and dilations: for
 *       one channel, groups, and sizes that are not known;
 *   <li>one {@code Gemm} of the gradient with the input, shifted by each position of the kernel;
 *   <li>one {@code Gemm} in which both are shifted, see {@link GridCorrelation}: it copies less and
 *       multiplies more.
 * </ul>
 */
final class ConvWeightGradient {
  /** From so many input channels on, one large Gemm beats a convolution with huge kernels. */
  private static final long GEMM_FROM_CHANNELS = 2;

  /** The Gemm's right side, in elements per sample, must not exceed this. */
  private static final long MOST_PER_SAMPLE = 4L << 20;

  /** Products that a Gemm on several threads makes while one thread copies an element. */
  private static final long PRODUCTS_PER_COPY = 20;

  private ConvWeightGradient() {}

  /**
   * Emits the gradient of the second input of {@code g}'s node.
   *
   * @param wide [N, C, …]: what the kernel slides over
   * @param narrow [N, M, …]: one element for each position of the kernel
   * @return [M, C / groups, kernel…]
   */
  static Value emit(GradientContext g, Ops ops, Window window, Value wide, Value narrow) {
    long group = g.node().intAttribute("group", 1);
    Value weight = g.x(1);
    long channels = g.knownDim(weight, 1);
    long out = g.knownDim(weight, 0);
    boolean gemm =
        group == 1
            && channels >= GEMM_FROM_CHANNELS
            && window.knowsSizes()
            && channels * window.elements() * outputs(window) <= MOST_PER_SAMPLE;
    if (!gemm) {
      return byConv(g, ops, window, wide, narrow, group, channels);
    }
    Value images = swapped(ops, wide, window.rank());
    Value gradients = swapped(ops, narrow, window.rank());
    return window.hasStrides()
            || costOfGemm(window, channels, out) <= costOfGrid(window, channels, out)
        ? byGemm(ops, window, images, gradients, channels, out)
        : GridCorrelation.of(window).emit(ops, g.dataType(), images, channels, gradients, out);
  }

  private static long outputs(Window window) {
    return Arrays.stream(window.output()).reduce(1, Math::multiplyExact);
  }

  private static long products(Window window, long channels, long out) {
    return window.elements() * channels * out / PRODUCTS_PER_COPY;
  }

  /** Elements that one sample has copied, and products in the same unit. */
  private static long costOfGemm(Window window, long channels, long out) {
    long slicedAndJoined = window.elements() == 1 ? 0 : 2 * window.elements() * channels;
    return outputs(window) * (slicedAndJoined + products(window, channels, out));
  }

  private static long costOfGrid(Window window, long channels, long out) {
    GridCorrelation grid = GridCorrelation.of(window);
    long paddedAndJoined = (1 + grid.wideCopies()) * channels + (1 + grid.narrowCopies()) * out;
    return grid.size() * (paddedAndJoined + products(window, channels, out));
  }

  private static Value swapped(Ops ops, Value value, int rank) {
    long[] axes = LongStream.range(0, rank + 2L).toArray();
    axes[0] = 1;
    axes[1] = 0;
    return ops.transpose(value, axes);
  }

  private static Value byConv(
      GradientContext g,
      Ops ops,
      Window window,
      Value wide,
      Value narrow,
      long group,
      long channels) {
    int rank = window.rank();
    Value images =
        group == 1
            ? swapped(ops, wide, rank)
            : groupsBesideBatch(ops, window, wide, group, channels);
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("strides", Attribute.of(window.dilations()));
    attributes.put("dilations", Attribute.of(window.strides()));
    attributes.put("pads", Attribute.of(window.pads()));
    attributes.put("group", Attribute.of(group));
    Value result = ops.call("Conv", attributes, images, swapped(ops, narrow, rank));
    if (window.hasStrides()) {
      // the input's last elements, which the strides skip, give positions beyond the kernel
      long[] zeros = new long[rank];
      long[] ones = LongStream.generate(() -> 1).limit(rank).toArray();
      result = ops.slice(result, zeros, window.kernel(), window.axes(), ones);
    }
    return swapped(ops, result, rank);
  }

  /** [N, G C, …] as [C, G N, …]. */
  private static Value groupsBesideBatch(
      Ops ops, Window window, Value wide, long group, long channels) {
    Value split = ops.reshape(wide, 0, group, channels, -1);
    Value moved = ops.transpose(split, 2, 1, 0, 3);
    if (Arrays.stream(window.input()).allMatch(size -> size > 0)) {
      return ops.reshape(
          moved,
          LongStream.concat(LongStream.of(channels, -1), Arrays.stream(window.input())).toArray());
    }
    Value sizes = ops.shape(wide, 2, 2 + window.rank());
    return ops.reshape(moved, ops.concat(0, List.of(ops.ints(channels, -1), sizes)));
  }

  private static Value byGemm(
      Ops ops, Window window, Value wide, Value narrow, long channels, long out) {
    int rank = window.rank();
    Value images = padded(ops, window, wide);
    List<Value> shifted = new ArrayList<>();
    for (long position = 0; position < window.elements(); position++) {
      shifted.add(shift(ops, window, images, position));
    }
    Value columns = shifted.size() == 1 ? shifted.get(0) : ops.concat(0, shifted);
    Value right = ops.reshape(columns, window.elements() * channels, -1);
    Value left = ops.reshape(narrow, out, -1);
    Value product = ops.gemm(left, false, right, true);
    long[] shape = new long[rank + 2];
    shape[0] = out;
    System.arraycopy(window.kernel(), 0, shape, 1, rank);
    shape[rank + 1] = channels;
    if (window.elements() == 1) {
      return ops.reshape(
          product,
          LongStream.concat(LongStream.of(out, channels), Arrays.stream(window.kernel()))
              .toArray());
    }
    long[] channelsFirst = new long[rank + 2];
    channelsFirst[1] = rank + 1;
    for (int i = 0; i < rank; i++) {
      channelsFirst[i + 2] = i + 1;
    }
    return ops.transpose(ops.reshape(product, shape), channelsFirst);
  }

  private static Value padded(Ops ops, Window window, Value images) {
    return window.hasPads()
        ? ops.pad(images, 2 + window.rank(), window.pads(), window.axes())
        : images;
  }

  /** What the kernel sees at one of its positions while it slides over the images. */
  private static Value shift(Ops ops, Window window, Value images, long position) {
    int rank = window.rank();
    long[] starts = new long[rank];
    long[] ends = new long[rank];
    boolean whole = true;
    long rest = position;
    for (int i = rank - 1; i >= 0; i--) {
      starts[i] = rest % window.kernel()[i] * window.dilations()[i];
      rest /= window.kernel()[i];
      ends[i] = starts[i] + (window.output()[i] - 1) * window.strides()[i] + 1;
      long size = window.input()[i] + window.begins()[i] + window.ends()[i];
      whole &= starts[i] == 0 && ends[i] == size && window.strides()[i] == 1;
    }
    return whole ? images : ops.slice(images, starts, ends, window.axes(), window.strides());
  }
}
