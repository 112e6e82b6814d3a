package io.espalier.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.espalier.graph.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * Writes messages, and tensors' bytes between them, through a buffer. For large files there are
 * two: while one is being written by a thread of its own, the other is filled.
 */
final class MessageSink extends OutputStream {
  private static final int MAX_BUFFER = 4 << 20;
  private static final int MIN_BUFFER = 4 << 10;

  private final BufferWriter writer;
  private ByteBuffer buffer;

  /** A sink for about {@code size} bytes. */
  MessageSink(WritableByteChannel channel, long size) {
    int capacity = (int) Math.max(MIN_BUFFER, Math.min(MAX_BUFFER, size));
    this.buffer = allocate(capacity);
    this.writer =
        capacity < MAX_BUFFER
            ? BufferWriter.direct(channel)
            : BufferWriter.background(channel, allocate(capacity));
  }

  private static ByteBuffer allocate(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The fields of {@code message}, without a tag. */
  void message(MessageLite message) throws IOException {
    if (message.getSerializedSize() > 0) {
      CodedOutputStream coded = CodedOutputStream.newInstance(unflushed());
      message.writeTo(coded);
      coded.flush();
    }
  }

  /** The tag and length that announce a field of {@code length} bytes. */
  void tag(int field, long length) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(unflushed(), 16);
    coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    coded.writeUInt64NoTag(length);
    coded.flush();
  }

  /** This stream for those who flush when they are done, though more is to come. */
  private OutputStream unflushed() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        MessageSink.this.write(one);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        MessageSink.this.write(bytes, offset, length);
      }
    };
  }

  /** All bytes of {@code tensor}, in pieces of whole elements. */
  void bytes(Tensor tensor) throws IOException {
    long size = tensor.byteSize();
    for (long position = 0; position < size; ) {
      int room = buffer.remaining() / Double.BYTES * Double.BYTES;
      if (room == 0) {
        handOver();
        continue;
      }
      int count = (int) Math.min(room, size - position);
      int end = buffer.limit();
      buffer.limit(buffer.position() + count);
      tensor.read(position, buffer);
      buffer.limit(end);
      position += count;
    }
  }

  /** So many zero bytes. */
  void zeros(long count) throws IOException {
    for (long rest = count; rest > 0; rest--) {
      write(0);
    }
  }

  @Override
  public void write(int one) throws IOException {
    if (!buffer.hasRemaining()) {
      handOver();
    }
    buffer.put((byte) one);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      if (!buffer.hasRemaining()) {
        handOver();
      }
      int count = Math.min(buffer.remaining(), length - done);
      buffer.put(bytes, offset + done, count);
      done += count;
    }
  }

  private void handOver() throws IOException {
    buffer = writer.write(buffer.flip()).clear();
  }

  /** Writes what is left and ends the thread, if there is one. */
  @Override
  public void close() throws IOException {
    try (writer) {
      handOver();
      writer.finish();
    }
  }
}
