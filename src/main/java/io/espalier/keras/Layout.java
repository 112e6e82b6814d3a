package io.espalier.keras;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How the elements of a value in the graph lie, as against the tensor that Keras has in its place.
 *
 * <p>{@code order} says which axis of Keras' tensor each axis of the value is. A tensor that was
 * flattened remembers in {@code flat} the dimensions it had without the batch; {@code order} is
 * then that of those. So an image can stay as ONNX wants it until a layer needs it otherwise.
 *
 * @param flat null unless flattened from more than one dimension
 */
record Layout(int[] order, long[] flat) {
  /** Just like Keras' tensor. */
  static Layout plain(int rank) {
    return new Layout(IntStream.range(0, rank).toArray(), null);
  }

  static Layout ordered(int... order) {
    return new Layout(order, null);
  }

  /** Batch, channels, then the other axes. */
  static Layout channelsSecond(int rank) {
    int[] order = new int[rank];
    order[1] = rank - 1;
    for (int axis = 2; axis < rank; axis++) {
      order[axis] = axis - 1;
    }
    return new Layout(order, null);
  }

  boolean isFlat() {
    return flat != null;
  }

  boolean isPlain() {
    return flat == null && isSorted();
  }

  private boolean isSorted() {
    return Arrays.equals(order, IntStream.range(0, order.length).toArray());
  }

  /** The axis of the value that is {@code axis} of Keras' tensor. */
  int axisOf(int axis) {
    for (int i = 0; i < order.length; i++) {
      if (order[i] == axis) {
        return i;
      }
    }
    throw new IllegalArgumentException("axis " + axis + " of rank " + order.length);
  }

  /** Whether the value's last axis is that of Keras' tensor. */
  boolean keepsLast() {
    return flat == null && order[order.length - 1] == order.length - 1;
  }

  /** The dimensions of the value whose tensor has dimensions {@code dims}. */
  long[] physical(long[] dims) {
    return flat != null ? dims : Arrays.stream(order).mapToLong(axis -> dims[axis]).toArray();
  }

  boolean sameAs(Layout other) {
    return Arrays.equals(order, other.order) && Arrays.equals(flat, other.flat);
  }
}
