package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;

/**
 * A constant in coordinate form, as a {@code sparse_initializer} is stored: the elements that are
 * not zero, and where they lie.
 */
public final class SparseTensor implements Tensor {
  private final Shape shape;
  private final Tensor values;
  private final Tensor indices;
  private long[] positions;

  /**
   * A sparse tensor.
   *
   * @param values of rank 1
   * @param indices int64, ascending: a row-major position for each value, or a row of one index for
   *     each axis
   */
  public SparseTensor(Shape shape, Tensor values, Tensor indices) {
    this.shape = shape;
    this.values = values;
    this.indices = indices;
  }

  @Override
  public DataType dataType() {
    return values.dataType();
  }

  @Override
  public Shape shape() {
    return shape;
  }

  public Tensor values() {
    return values;
  }

  public Tensor indices() {
    return indices;
  }

  @Override
  public void read(long position, ByteBuffer into) {
    int width = dataType().bits() / 8;
    if (width == 0) {
      throw new UnsupportedModelException(
          "a sparse tensor of type " + dataType() + ": expected elements of whole bytes");
    }
    long[] places = positions();
    ByteBuffer stored = values.bytes();
    int start = into.position();
    int length = into.remaining();
    for (int i = 0; i < length; i++) {
      into.put((byte) 0);
    }
    long firstElement = position / width;
    int at = Arrays.binarySearch(places, firstElement);
    for (int i = at < 0 ? -at - 1 : at; i < places.length; i++) {
      long offset = places[i] * width - position;
      if (offset >= length) {
        return;
      }
      for (int b = 0; b < width; b++) {
        long to = offset + b;
        if (to >= 0 && to < length) {
          into.put(start + (int) to, stored.get(i * width + b));
        }
      }
    }
  }

  /** Row-major positions of the values. */
  private synchronized long[] positions() {
    if (positions == null) {
      positions = readPositions();
    }
    return positions;
  }

  private long[] readPositions() {
    int count = Math.toIntExact(values.shape().elements());
    int rank = indices.shape().rank() == 2 ? shape.rank() : 1;
    if (indices.dataType() != DataType.INT64
        || indices.shape().elements() != (long) count * rank
        || indices.shape().rank() == 2 && indices.shape().dim(1) != rank) {
      throw new MalformedModelException(
          "a sparse tensor of shape %s: expected an int64 index for each of %d values, got %s of %s"
              .formatted(shape, count, indices.dataType(), indices.shape()));
    }
    LongBuffer stored = indices.bytes().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    long[] found = new long[count];
    for (int i = 0; i < count; i++) {
      found[i] = rank == 1 ? stored.get(i) : linear(stored, i);
      if (found[i] < 0 || found[i] >= shape.elements() || i > 0 && found[i] <= found[i - 1]) {
        throw new MalformedModelException(
            "a sparse tensor of shape %s: expected ascending indices inside it, got %d at %d"
                .formatted(shape, found[i], i));
      }
    }
    return found;
  }

  private long linear(LongBuffer stored, int row) {
    long position = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      long index = stored.get(row * shape.rank() + axis);
      if (index < 0 || index >= shape.dim(axis)) {
        return -1;
      }
      position = position * shape.dim(axis) + index;
    }
    return position;
  }
}
