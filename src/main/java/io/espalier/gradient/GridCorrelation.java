package io.espalier.gradient;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The correlation of two stacks of images at all shifts of a kernel, as one {@code Gemm} of shifted
 * copies.
 *
 * <p>All images of a channel lie behind one another in one line, each with zeros at its far ends
 * that serve as padding for its neighbour too. On such a line, every shift within the image is a
 * shift of the whole line, and copies that are shifted differently are one {@code Concat} with
 * zeros in between. Shifts along the first axis are those of the narrow side, the others those of
 * the wide side, so that few copies give all the pairs.
 *
 * @param grid sizes of an image with its zeros
 */
record GridCorrelation(Window window, long[] grid) {

  /** The correlation for windows that move by single steps over sizes that are known. */
  static GridCorrelation of(Window window) {
    long[] grid = new long[window.rank()];
    for (int i = 0; i < grid.length; i++) {
      long padding = Math.max(window.begins()[i], window.ends()[i]);
      grid[i] = Math.max(window.input()[i] + padding, window.output()[i]);
    }
    return new GridCorrelation(window, grid);
  }

  /** Elements of an image with its zeros. */
  long size() {
    return Arrays.stream(grid).reduce(1, Math::multiplyExact);
  }

  /** How often the narrow side is copied. */
  long narrowCopies() {
    return window.kernel()[0];
  }

  /** How often the wide side is copied. */
  long wideCopies() {
    return window.elements() / narrowCopies();
  }

  /**
   * The sums over the batch.
   *
   * @param wide [C, N, …]: what the kernel slides over
   * @param narrow [M, N, …]: one element for each position of the kernel
   * @return [M, C, kernel…]
   */
  Value emit(Ops ops, DataType type, Value wide, long channels, Value narrow, long out) {
    long[] forth = new long[(int) narrowCopies()];
    Arrays.setAll(forth, i -> i * window.dilations()[0] * step(0));
    long origin = 0;
    for (int i = 0; i < grid.length; i++) {
      origin += window.begins()[i] * step(i);
    }
    long[] back = new long[(int) wideCopies()];
    for (int i = 0; i < back.length; i++) {
      back[i] = origin - offset(i);
    }
    long spare = last(forth) + Math.max(origin, offset(back.length - 1));
    Value left = copies(ops, type, line(ops, narrow, window.output(), out), out, forth, spare);
    Value right =
        copies(ops, type, line(ops, wide, window.input(), channels), channels, back, spare);
    Value product = ops.gemm(left, false, right, true);
    long[] shape = {out, narrowCopies(), channels, wideCopies()};
    Value moved = ops.transpose(ops.reshape(product, shape), 0, 2, 1, 3);
    return ops.reshape(
        moved,
        LongStream.concat(LongStream.of(out, channels), Arrays.stream(window.kernel())).toArray());
  }

  private static long last(long[] numbers) {
    return numbers[numbers.length - 1];
  }

  /** Elements on the line from one position along an axis to the next. */
  private long step(int axis) {
    return Arrays.stream(grid).skip(axis + 1L).reduce(1, Math::multiplyExact);
  }

  /** How far on the line a position of the kernel is behind the first, all axes but one counted. */
  private long offset(long position) {
    long rest = position;
    long offset = 0;
    for (int i = grid.length - 1; i > 0; i--) {
      offset += rest % window.kernel()[i] * window.dilations()[i] * step(i);
      rest /= window.kernel()[i];
    }
    return offset;
  }

  /** Images with zeros up to the grid's sizes, one line for each channel. */
  private Value line(Ops ops, Value images, long[] sizes, long channels) {
    long[] pads = new long[2 * sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      pads[sizes.length + i] = grid[i] - sizes[i];
    }
    boolean fits = Arrays.equals(sizes, grid);
    Value padded = fits ? images : ops.pad(images, 2 + window.rank(), pads, window.axes());
    return ops.reshape(padded, channels, -1);
  }

  /**
   * Copies of lines one below the other, in rows that are longer by {@code spare}. A copy starts as
   * many elements into its row as {@code starts} says; before it, if that is negative.
   *
   * @return [channels · copies, length + spare]
   */
  private static Value copies(
      Ops ops, DataType type, Value line, long channels, long[] starts, long spare) {
    List<Value> parts = new ArrayList<>();
    addZeros(ops, type, channels, starts[0], parts);
    for (int i = 0; i < starts.length; i++) {
      parts.add(line);
      long next = i + 1 < starts.length ? starts[i + 1] : 0;
      addZeros(ops, type, channels, spare + next - starts[i], parts);
    }
    Value joined = parts.size() == 1 ? line : ops.concat(1, parts);
    return ops.reshape(joined, channels * starts.length, -1);
  }

  private static void addZeros(
      Ops ops, DataType type, long channels, long count, List<Value> parts) {
    if (count > 0) {
      parts.add(ops.filled(ops.ints(channels, count), type, 0));
    }
  }
}
