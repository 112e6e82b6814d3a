package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a convolution or a pool sees at once, and how it moves. Each list has a number for each
 * dimension of the image, or one for all of them.
 *
 * @param kernel elements in a window
 * @param strides elements from one window to the next
 * @param dilations elements from one of the window's to the next
 * @param padding elements added at both ends; empty: as many as {@code same} needs, so that the
 *     result has {@code ⌈size / stride⌉} elements, the odd one at the end
 */
public record Window(
    List<Long> kernel, List<Long> strides, List<Long> dilations, List<Long> padding) {
  private static final long LARGEST = 1 << 20;

  public Window {
    kernel = checked("kernel", kernel, 1);
    strides = checked("stride", strides, 1);
    dilations = checked("dilation", dilations, 1);
    padding = padding.isEmpty() ? List.of() : checked("padding", padding, 0);
  }

  /** A square one, without padding. */
  public static Window of(long kernel, long stride) {
    return new Window(List.of(kernel), List.of(stride), List.of(1L), List.of(0L));
  }

  /** A square one that moves by one element and is padded so that the size stays. */
  public static Window same(long kernel) {
    return new Window(List.of(kernel), List.of(1L), List.of(1L), List.of());
  }

  private static List<Long> checked(String what, List<Long> numbers, long least) {
    boolean fits = !numbers.isEmpty() && numbers.stream().allMatch(n -> n >= least && n <= LARGEST);
    if (!fits) {
      throw new IllegalArgumentException(
          "%s: expected numbers from %d to %d, got %s".formatted(what, least, LARGEST, numbers));
    }
    return List.copyOf(numbers);
  }

  /** Whether all numbers of a list, one for all or one for each, are for so many dimensions. */
  private void requireRank(int rank) {
    Map<String, List<Long>> lists = new TreeMap<>();
    lists.put("kernel", kernel);
    lists.put("stride", strides);
    lists.put("dilation", dilations);
    lists.put("padding", padding);
    lists.forEach(
        (what, numbers) -> {
          if (numbers.size() > 1 && numbers.size() != rank) {
            throw new IllegalArgumentException(
                "%s: expected 1 number or %d, one for each dimension of the image, got %s"
                    .formatted(what, rank, numbers));
          }
        });
  }

  private static long at(List<Long> numbers, int axis) {
    return numbers.get(numbers.size() == 1 ? 0 : axis);
  }

  /** The size of the kernel in all dimensions. */
  long[] kernel(int rank) {
    return numbers(kernel, rank);
  }

  private static long[] numbers(List<Long> list, int rank) {
    long[] numbers = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      numbers[axis] = at(list, axis);
    }
    return numbers;
  }

  private long extent(int axis) {
    return (at(kernel, axis) - 1) * at(dilations, axis) + 1;
  }

  private long padded(long size, int axis) {
    if (!padding.isEmpty()) {
      return 2 * at(padding, axis);
    }
    long stride = at(strides, axis);
    return Math.max(0, ((size + stride - 1) / stride - 1) * stride + extent(axis) - size);
  }

  /**
   * The shape of what comes out.
   *
   * @param in {@code [channels, sizes…]}
   * @throws IllegalArgumentException if {@code in} is no image, or smaller than the window
   */
  Shape outputShape(String kind, Shape in, long channels) {
    int rank = requireImage(kind, in);
    requireRank(rank);
    long[] dims = new long[rank + 1];
    dims[0] = channels;
    for (int axis = 0; axis < rank; axis++) {
      long free = in.dim(axis + 1) + padded(in.dim(axis + 1), axis) - extent(axis);
      if (free < 0) {
        throw new IllegalArgumentException(
            "%s: expected an image of at least %d in dimension %d, got %s"
                .formatted(kind, extent(axis), axis + 1, in));
      }
      dims[axis + 1] = free / at(strides, axis) + 1;
    }
    return Shape.of(dims);
  }

  /** The number of an image's dimensions besides its channels. */
  static int requireImage(String kind, Shape in) {
    if (in.rank() < 2 || in.rank() > 4) {
      throw new IllegalArgumentException(
          "%s: expected an image, [channels, sizes...] of 1 to 3 sizes, got [%s]"
              .formatted(kind, in));
    }
    return in.rank() - 1;
  }

  /** The attributes that Conv and the pools have in common. */
  Map<String, Attribute> attributes(Shape in) {
    int rank = in.rank() - 1;
    long[] pads = new long[2 * rank];
    for (int axis = 0; axis < rank; axis++) {
      long total = padded(in.dim(axis + 1), axis);
      pads[axis] = total / 2;
      pads[rank + axis] = total - total / 2;
    }
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("kernel_shape", Attribute.of(kernel(rank)));
    attributes.put("strides", Attribute.of(numbers(strides, rank)));
    attributes.put("pads", Attribute.of(pads));
    return attributes;
  }

  /** How far the kernel's elements lie apart. */
  Attribute dilations(Shape in) {
    return Attribute.of(numbers(dilations, in.rank() - 1));
  }

  /** Whether the kernel's elements lie side by side. */
  boolean isDense() {
    return dilations.stream().allMatch(dilation -> dilation == 1);
  }
}
