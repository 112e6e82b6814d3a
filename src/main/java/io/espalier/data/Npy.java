package io.espalier.data;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads NumPy arrays, format versions 1 to 3. */
final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;

  private Npy() {}

  /**
   * Reads one array; what follows it must be the end.
   *
   * @param where for messages
   * @param available the most bytes that the stream can give
   * @throws ModelException if it is not an array, or of elements other than numbers
   */
  static Tensor read(String where, InputStream stream, long available) throws IOException {
    NpyHeader header = header(where, stream);
    long bytes = Sizes.bytes(where, header.type(), header.shape());
    Sizes.check(where, bytes, available);
    byte[] data = stream.readNBytes(Math.toIntExact(bytes));
    if (data.length < bytes || stream.read() >= 0) {
      throw Sizes.wrongLength(where, header.type(), header.shape(), data.length);
    }
    if (header.bigEndian()) {
      reverse(data, header.type().bits() / 8);
    }
    if (header.fortranOrder() && header.shape().rank() > 1) {
      data = rowMajor(data, header.shape(), header.type().bits() / 8);
    }
    return new ArrayTensor(header.type(), header.shape(), ByteBuffer.wrap(data));
  }

  private static NpyHeader header(String where, InputStream stream) throws IOException {
    byte[] start = stream.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !java.util.Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new MalformedModelException(where + ": expected a NumPy array, found no such header");
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3) {
      throw new MalformedModelException(
          where + ": expected version 1 to 3 of NumPy's array format, got " + version);
    }
    byte[] field = stream.readNBytes(version == 1 ? 2 : 4);
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).put(field);
    int size = length.getInt(0);
    if (size < 0 || size > LONGEST_HEADER) {
      throw new MalformedModelException(
          "%s: expected a header of at most %d bytes, got %s"
              .formatted(where, LONGEST_HEADER, Integer.toUnsignedString(size)));
    }
    return NpyHeader.parse(where, new String(stream.readNBytes(size), StandardCharsets.ISO_8859_1));
  }

  /** Reverses the bytes of each element. */
  static void reverse(byte[] data, int width) {
    for (int element = 0; element < data.length; element += width) {
      for (int i = element, j = element + width - 1; i < j; i++, j--) {
        byte swapped = data[i];
        data[i] = data[j];
        data[j] = swapped;
      }
    }
  }

  private static byte[] rowMajor(byte[] columnMajor, Shape shape, int width) {
    byte[] result = new byte[columnMajor.length];
    int rank = shape.rank();
    long[] strides = new long[rank];
    long stride = width;
    for (int axis = 0; axis < rank; axis++) {
      strides[axis] = stride;
      stride *= shape.dim(axis);
    }
    long[] index = new long[rank];
    long from = 0;
    for (int to = 0; to < result.length; to += width) {
      System.arraycopy(columnMajor, (int) from, result, to, width);
      for (int axis = rank - 1; axis >= 0; axis--) {
        from += strides[axis];
        if (++index[axis] < shape.dim(axis)) {
          break;
        }
        from -= strides[axis] * shape.dim(axis);
        index[axis] = 0;
      }
    }
    return result;
  }
}
