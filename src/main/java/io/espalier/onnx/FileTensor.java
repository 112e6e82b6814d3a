package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/**
 * A tensor whose bytes are read from a file of external data each time.
 *
 * @param offset the first byte's position in the file
 */
record FileTensor(DataType dataType, Shape shape, FileChannel channel, long offset)
    implements Tensor {

  @Override
  public void read(long position, ByteBuffer into) {
    Objects.checkFromIndexSize(position, into.remaining(), byteSize());
    long next = offset + position;
    try {
      while (into.hasRemaining()) {
        int count = channel.read(into, next);
        if (count < 0) {
          throw new MalformedModelException(
              "external data: the file became shorter while it was read");
        }
        next += count;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("external data: " + e.getMessage(), e);
    }
  }

  /** Whether both are the same bytes of the same file. */
  boolean sameBytes(FileTensor other) {
    return channel == other.channel && offset == other.offset && byteSize() == other.byteSize();
  }
}
