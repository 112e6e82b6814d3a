package io.espalier.storage;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** The values that the channels of a weight have, by their bits, where each channel has few. */
final class ChannelValues {
  private static final int SAMPLES = 1024;

  private final Tensor tensor;
  private final int axis;
  private final long stride;
  private final long nonzero;
  private final long[][] values;
  private final int[] sizes;
  private int most;

  private ChannelValues(Tensor tensor, int axis, long nonzero) {
    this.nonzero = nonzero;
    Shape shape = tensor.shape();
    this.tensor = tensor;
    this.axis = axis;
    this.stride = shape.elements(axis + 1, shape.rank());
    this.values = new long[(int) shape.dim(axis)][4];
    this.sizes = new int[values.length];
  }

  /**
   * The values of the channels along the axis that takes the fewest bytes: the first, the second or
   * the last; absent where along each some channel has more than 256, or tables take more than half
   * of what the values alone do.
   *
   * @param nonzero elements that are not zero
   */
  static Optional<ChannelValues> find(Tensor tensor, ByteBuffer beginning, long nonzero) {
    int rank = tensor.shape().rank();
    ChannelValues best = null;
    for (int axis : IntStream.of(0, 1, rank - 1).distinct().filter(one -> one < rank).toArray()) {
      long channels = tensor.shape().dim(axis);
      if (channels > 1 && channels <= nonzero / 2) {
        ChannelValues found = new ChannelValues(tensor, axis, nonzero);
        boolean fits = found.isPossible(beginning) && found.fill();
        if (fits && (best == null || found.entries() < best.entries())) {
          best = found;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  /** Whether a channel in the middle does not have too many values already. */
  private boolean isPossible(ByteBuffer beginning) {
    int width = tensor.dataType().bits() / 8;
    int period = (int) Math.min(Integer.MAX_VALUE, stride * values.length);
    int first = (int) Math.min(Integer.MAX_VALUE, values.length / 2 * stride);
    long[] found = new long[SAMPLES];
    int count = 0;
    for (long from = first; from < beginning.limit() / width; from += period) {
      for (long at = from; at < Math.min(from + stride, beginning.limit() / width); at++) {
        long bits = Cells.get(beginning, width, (int) at);
        if (bits != 0 && count < found.length) {
          found[count++] = bits;
        }
      }
    }
    return isAllowed((int) Arrays.stream(found, 0, count).distinct().count());
  }

  private boolean isAllowed(int inChannel) {
    return inChannel <= DistinctValues.MOST && 2L * inChannel * values.length <= nonzero;
  }

  private boolean fill() {
    try {
      Cells.forEachNonzero(tensor, this::take);
      return true;
    } catch (TooMany e) {
      return false;
    }
  }

  /** Ends going through a tensor. */
  private static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooMany() {
      super(null, null, false, false);
    }
  }

  private void take(long index, long bits) {
    int channel = (int) (index / stride % values.length);
    int size = sizes[channel];
    int at = Arrays.binarySearch(values[channel], 0, size, bits);
    if (at >= 0) {
      return;
    }
    if (size == values[channel].length) {
      values[channel] = Arrays.copyOf(values[channel], 2 * size);
    }
    System.arraycopy(values[channel], -at - 1, values[channel], -at, size + at + 1);
    values[channel][-at - 1] = bits;
    sizes[channel]++;
    most = Math.max(most, size + 1);
    if (!isAllowed(most)) {
      throw new TooMany();
    }
  }

  private long entries() {
    return (long) most * values.length;
  }

  int axis() {
    return axis;
  }

  int channels() {
    return values.length;
  }

  /** Elements from one channel to the next. */
  long stride() {
    return stride;
  }

  /** Where among the values of its channel that of an element is. */
  int indexOf(long index, long bits) {
    int channel = (int) (index / stride % values.length);
    return Arrays.binarySearch(values[channel], 0, sizes[channel], bits);
  }

  /** The most values other than zero that a channel has. */
  int most() {
    return most;
  }

  /** The values of a channel other than zero. */
  long[] of(int channel) {
    return Arrays.copyOf(values[channel], sizes[channel]);
  }
}
