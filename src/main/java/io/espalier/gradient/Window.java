package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * How a convolution or a pool slides over its input, one number per spatial axis.
 *
 * @param input sizes, -1 where unknown
 * @param output sizes, -1 where unknown
 */
record Window(
    long[] kernel,
    long[] strides,
    long[] dilations,
    long[] begins,
    long[] ends,
    long[] input,
    long[] output) {

  /** Sizes that differ by less than this part count as one. */
  private static final long NEARLY = 16;

  /** The window of the node that {@code g} differentiates, from {@code wide} to {@code narrow}. */
  static Window of(GradientContext g, long[] kernel, Value wide, Value narrow) {
    int rank = kernel.length;
    long[] input = sizes(g, wide, rank);
    long[] output = sizes(g, narrow, rank);
    long[] strides = ints(g, "strides", rank, 1);
    long[] dilations = ints(g, "dilations", rank, 1);
    long[] pads = ints(g, "pads", 2 * rank, 0);
    long[] begins = Arrays.copyOf(pads, rank);
    long[] ends = Arrays.copyOfRange(pads, rank, 2 * rank);
    String auto = g.node().stringAttribute("auto_pad", "NOTSET");
    boolean same = auto.startsWith("SAME") && !g.node().is("ConvTranspose");
    for (int i = 0; i < rank && same; i++) {
      if (input[i] < 0 && strides[i] != 1) {
        throw g.refuse("auto_pad with strides needs spatial dimensions that are known");
      }
      long steps = input[i] < 0 ? -1 : (input[i] + strides[i] - 1) / strides[i];
      long reach = (kernel[i] - 1) * dilations[i] + 1;
      long total = steps < 0 ? reach - 1 : Math.max(0, (steps - 1) * strides[i] + reach - input[i]);
      begins[i] = auto.equals("SAME_LOWER") ? (total + 1) / 2 : total / 2;
      ends[i] = total - begins[i];
    }
    return new Window(kernel, strides, dilations, begins, ends, input, output);
  }

  /** This window of a transposed convolution with the pads that its attributes imply. */
  Window withPadsOfTransposed(GradientContext g) {
    String auto = g.node().stringAttribute("auto_pad", "NOTSET");
    boolean shaped = g.node().intsAttribute("output_shape").isPresent();
    if (!auto.startsWith("SAME") && !shaped) {
      return this;
    }
    long[] extra = ints(g, "output_padding", rank(), 0);
    for (int i = 0; i < rank(); i++) {
      if (shaped && (input[i] < 0 || output[i] < 0)) {
        throw g.refuse("output_shape needs spatial dimensions that are known");
      }
      long total =
          shaped
              ? strides[i] * (output[i] - 1) + extra[i] + reach(i) - input[i]
              : reach(i) + extra[i] - strides[i];
      total = Math.max(0, total);
      begins[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      ends[i] = total - begins[i];
    }
    return this;
  }

  private static long[] sizes(GradientContext g, Value value, int rank) {
    long[] sizes = new long[rank];
    boolean known = g.dims(value).isPresent();
    Arrays.setAll(sizes, i -> known ? g.dim(value, i + 2) : -1);
    return sizes;
  }

  private static long[] ints(GradientContext g, String attribute, int count, long absent) {
    List<Long> given = g.node().intsAttribute(attribute).orElse(List.of());
    return given.isEmpty()
        ? LongStream.generate(() -> absent).limit(count).toArray()
        : given.stream().mapToLong(Long::longValue).toArray();
  }

  int rank() {
    return kernel.length;
  }

  boolean knowsSizes() {
    return LongStream.concat(Arrays.stream(input), Arrays.stream(output)).allMatch(n -> n >= 0);
  }

  /** Elements from the first to the last that one window covers along an axis. */
  long reach(int axis) {
    return (kernel[axis] - 1) * dilations[axis] + 1;
  }

  /** Elements in a window. */
  long elements() {
    return Arrays.stream(kernel).reduce(1, Math::multiplyExact);
  }

  boolean hasPads() {
    return LongStream.concat(Arrays.stream(begins), Arrays.stream(ends)).anyMatch(p -> p != 0);
  }

  boolean hasStrides() {
    return Arrays.stream(strides).anyMatch(stride -> stride != 1);
  }

  boolean hasDilations() {
    return Arrays.stream(dilations).anyMatch(dilation -> dilation != 1);
  }

  /** Whether each input element lies in one window at most, and windows in the input. */
  boolean tiles() {
    boolean fits = Arrays.equals(kernel, strides) && !hasPads() && !hasDilations() && knowsSizes();
    for (int i = 0; fits && i < rank(); i++) {
      fits = output[i] * kernel[i] <= input[i];
    }
    return fits;
  }

  /** Whether windows that tile leave nothing over. */
  boolean coversInput() {
    boolean covers = true;
    for (int i = 0; i < rank(); i++) {
      covers &= output[i] * kernel[i] == input[i];
    }
    return covers;
  }

  long[] pads() {
    return LongStream.concat(Arrays.stream(begins), Arrays.stream(ends)).toArray();
  }

  /**
   * Whether the window moves by single steps and is padded so that input and output are of nearly
   * one size, but by no more than the window reaches.
   */
  boolean keepsSize() {
    boolean keeps = !hasStrides();
    for (int i = 0; keeps && i < rank(); i++) {
      long lost = reach(i) - 1 - begins[i] - ends[i];
      boolean nearly = lost == 0 || (output[i] > 0 && lost > 0 && NEARLY * lost <= output[i]);
      keeps = nearly && begins[i] < reach(i) && ends[i] < reach(i);
    }
    return keeps;
  }

  /** The attributes with which operators slide the same way; pads are written out. */
  Map<String, Attribute> attributes() {
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("strides", Attribute.of(strides));
    attributes.put("dilations", Attribute.of(dilations));
    attributes.put("pads", Attribute.of(pads()));
    return attributes;
  }

  /** The spatial axes of a tensor with batch and channels in front. */
  long[] axes() {
    return LongStream.range(2, 2 + rank()).toArray();
  }
}
