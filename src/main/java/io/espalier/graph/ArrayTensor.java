package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor whose elements are held in memory. */
public final class ArrayTensor implements Tensor {
  private final DataType dataType;
  private final Shape shape;
  private final ByteBuffer bytes;

  /**
   * A tensor over {@code bytes}, which must not change any more.
   *
   * @throws MalformedModelException if the number of bytes is not what type and shape need
   */
  public ArrayTensor(DataType dataType, Shape shape, ByteBuffer bytes) {
    this.dataType = dataType;
    this.shape = shape;
    this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (byteSize() != this.bytes.capacity()) {
      throw new MalformedModelException(
          "a %s tensor of shape %s: expected %d bytes, got %d"
              .formatted(dataType, shape, byteSize(), this.bytes.capacity()));
    }
  }

  /** A float tensor of a copy of {@code elements}, in row-major order. */
  public static ArrayTensor of(Shape shape, float... elements) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(elements.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(elements);
    return new ArrayTensor(DataType.FLOAT, shape, bytes);
  }

  /** An int64 tensor of a copy of {@code elements}, in row-major order. */
  public static ArrayTensor of(Shape shape, long... elements) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(elements.length, Long.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(elements);
    return new ArrayTensor(DataType.INT64, shape, bytes);
  }

  @Override
  public DataType dataType() {
    return dataType;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public void read(long position, ByteBuffer into) {
    into.put(bytes.slice(Math.toIntExact(position), into.remaining()));
  }

  @Override
  public ByteBuffer bytes() {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
