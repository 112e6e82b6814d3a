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

/** Writes messages, and tensors' bytes between them, through one buffer. */
final class MessageSink extends OutputStream {
  private static final int MAX_BUFFER = 4 << 20;
  private static final int MIN_BUFFER = 4 << 10;

  private final WritableByteChannel channel;
  private final ByteBuffer buffer;

  /** A sink for about {@code size} bytes. */
  MessageSink(WritableByteChannel channel, long size) {
    int capacity = (int) Math.max(MIN_BUFFER, Math.min(MAX_BUFFER, size));
    this.channel = channel;
    this.buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The fields of {@code message}, without a tag. */
  void message(MessageLite message) throws IOException {
    if (message.getSerializedSize() > 0) {
      CodedOutputStream coded = CodedOutputStream.newInstance(this);
      message.writeTo(coded);
      coded.flush();
    }
  }

  /** The tag and length that announce a field of {@code length} bytes. */
  void tag(int field, long length) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(this, 16);
    coded.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    coded.writeUInt64NoTag(length);
    coded.flush();
  }

  /** All bytes of {@code tensor}. */
  void bytes(Tensor tensor) throws IOException {
    long size = tensor.byteSize();
    for (long position = 0; position < size; ) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      // whole elements only, so that a tensor that is computed need not split one
      int room = buffer.remaining() / Double.BYTES * Double.BYTES;
      if (room == 0) {
        flush();
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
      flush();
    }
    buffer.put((byte) one);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    for (int done = 0; done < length; ) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(buffer.remaining(), length - done);
      buffer.put(bytes, offset + done, count);
      done += count;
    }
  }

  @Override
  public void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
