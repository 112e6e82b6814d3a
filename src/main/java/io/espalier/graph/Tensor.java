package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An immutable constant: element type, shape, and the elements as ONNX's {@code raw_data} has them
 * (little-endian, row-major, types below 8 bits packed from the low bits up).
 *
 * <p>Implementations may be views of a mapped file or computed while they are read, so a tensor can
 * be larger than the heap. They are safe to read from several threads.
 */
public interface Tensor {
  DataType dataType();

  Shape shape();

  /**
   * Fills {@code into} up to its limit with the bytes that start at {@code position}.
   *
   * @throws IndexOutOfBoundsException if that reaches past {@link #byteSize}
   * @throws UnsupportedModelException unless {@link #isReadable}
   */
  void read(long position, ByteBuffer into);

  /** Whether the elements can be read; if not, the tensor can only be passed through. */
  default boolean isReadable() {
    return dataType().bits() > 0;
  }

  /** Bytes of all elements; 0 for strings. */
  default long byteSize() {
    return dataType().byteSize(shape().elements());
  }

  /**
   * All bytes, little-endian and read-only.
   *
   * @throws UnsupportedModelException from 2 GiB on
   */
  default ByteBuffer bytes() {
    long size = byteSize();
    if (size > Integer.MAX_VALUE - 8) {
      throw new UnsupportedModelException(
          "a tensor of " + size + " bytes: at most 2 GiB can be held in one piece");
    }
    ByteBuffer copy = ByteBuffer.allocate((int) size);
    read(0, copy);
    return copy.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }
}
