package io.espalier.data;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads arrays in idx format, plain or gzipped: two zero bytes, the element type, the rank, the
 * dimensions, the elements; all big-endian.
 */
final class Idx {
  private Idx() {}

  /**
   * Reads one file.
   *
   * @throws MalformedModelException if it is not an idx file
   */
  static Tensor read(Path path) throws IOException {
    String where = path.toString();
    long size = Files.size(path);
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      file.mark(2);
      boolean gzipped = file.read() == 0x1f && file.read() == 0x8b;
      file.reset();
      return gzipped
          ? read(where, new GZIPInputStream(file, 1 << 16), Sizes.inflated(size))
          : read(where, file, size);
    } catch (ZipException | EOFException e) {
      throw new MalformedModelException(where + ": damaged gzip data: " + e.getMessage(), e);
    }
  }

  private static Tensor read(String where, InputStream stream, long available) throws IOException {
    byte[] magic = stream.readNBytes(4);
    if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
      throw new MalformedModelException(
          where + ": expected an idx file, which begins with two zero bytes");
    }
    DataType type = type(where, magic[2]);
    int rank = magic[3];
    if (rank < 1 || rank > 8) {
      throw new MalformedModelException(where + ": expected 1 to 8 dimensions, got " + rank);
    }
    byte[] header = stream.readNBytes(4 * rank);
    if (header.length < 4 * rank) {
      throw new MalformedModelException(where + ": the file ends within its header");
    }
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(4 * axis));
    }
    Shape shape = Sizes.shape(where, dims);
    return data(where, stream, type, shape, available);
  }

  private static Tensor data(
      String where, InputStream stream, DataType type, Shape shape, long available)
      throws IOException {
    long bytes = Sizes.bytes(where, type, shape);
    Sizes.check(where, bytes, available);
    byte[] data = stream.readNBytes(Math.toIntExact(bytes));
    if (data.length < bytes || stream.read() >= 0) {
      throw Sizes.wrongLength(where, type, shape, data.length);
    }
    Npy.reverse(data, type.bits() / 8);
    return new ArrayTensor(type, shape, ByteBuffer.wrap(data));
  }

  private static DataType type(String where, byte code) {
    return switch (code) {
      case 0x08 -> DataType.UINT8;
      case 0x09 -> DataType.INT8;
      case 0x0b -> DataType.INT16;
      case 0x0c -> DataType.INT32;
      case 0x0d -> DataType.FLOAT;
      case 0x0e -> DataType.DOUBLE;
      default ->
          throw new MalformedModelException(
              "%s: expected one of idx's element types 0x08 to 0x0e, got 0x%02x"
                  .formatted(where, code));
    };
  }
}
