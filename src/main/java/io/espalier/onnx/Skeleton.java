package io.espalier.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a model message without the {@code raw_data} of the main graph's large initializers.
 * Protobuf copies whatever is not in an array, so it gets to see only this; the large tensors are
 * read where they are.
 *
 * @param bytes the message, shortened
 * @param raw for each initializer, in order, the bytes that were left out, or null
 */
record Skeleton(ByteBuffer bytes, List<ByteBuffer> raw) {
  /** Contents of at least this many bytes are left out. */
  static final int LARGE = 64 << 10;

  /**
   * Takes {@code message} apart.
   *
   * @throws InvalidProtocolBufferException if it is no message
   */
  static Skeleton of(ByteBuffer message) throws IOException {
    List<ByteBuffer> raw = new ArrayList<>();
    ByteArrayOutputStream shortened = new ByteArrayOutputStream();
    fields(message, shortened, ModelProto.GRAPH_FIELD_NUMBER, graph -> graph(graph, raw));
    return new Skeleton(ByteBuffer.wrap(shortened.toByteArray()), raw);
  }

  private static byte[] graph(ByteBuffer message, List<ByteBuffer> raw) throws IOException {
    ByteArrayOutputStream shortened = new ByteArrayOutputStream();
    fields(message, shortened, GraphProto.INITIALIZER_FIELD_NUMBER, tensor -> tensor(tensor, raw));
    return shortened.toByteArray();
  }

  private static byte[] tensor(ByteBuffer message, List<ByteBuffer> raw) throws IOException {
    ByteArrayOutputStream shortened = new ByteArrayOutputStream();
    ByteBuffer[] left = new ByteBuffer[1];
    fields(
        message,
        shortened,
        TensorProto.RAW_DATA_FIELD_NUMBER,
        contents -> {
          boolean large = contents.remaining() >= LARGE;
          left[0] = large ? contents.slice() : null; // of several, the last counts
          return large ? null : bytes(contents);
        });
    raw.add(left[0]);
    return shortened.toByteArray();
  }

  private interface Replacement {
    /** What is written in place of {@code contents}; null leaves the field out. */
    byte[] of(ByteBuffer contents) throws IOException;
  }

  /** Copies a message's fields, those of number {@code replaced} with other contents. */
  private static void fields(
      ByteBuffer message, ByteArrayOutputStream out, int replaced, Replacement replacement)
      throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    while (message.hasRemaining()) {
      int start = message.position();
      int tag = (int) varint(message);
      boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (delimited && WireFormat.getTagFieldNumber(tag) == replaced) {
        byte[] contents = replacement.of(next(message, varint(message)));
        if (contents != null) {
          coded.writeByteArray(replaced, contents);
        }
      } else {
        skip(message, tag);
        coded.writeRawBytes(bytes(message.slice(start, message.position() - start)));
      }
    }
    coded.flush();
  }

  private static void skip(ByteBuffer message, int tag) throws IOException {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> varint(message);
      case WireFormat.WIRETYPE_FIXED64 -> next(message, Long.BYTES);
      case WireFormat.WIRETYPE_FIXED32 -> next(message, Integer.BYTES);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> next(message, varint(message));
      default -> throw new InvalidProtocolBufferException("a field of an invalid wire type");
    }
  }

  /** The next {@code count} bytes, which the position then is behind. */
  private static ByteBuffer next(ByteBuffer message, long count) throws IOException {
    if (count < 0 || count > message.remaining()) {
      throw new InvalidProtocolBufferException("a field reaches past the end of its message");
    }
    ByteBuffer bytes = message.slice(message.position(), (int) count);
    message.position(message.position() + (int) count);
    return bytes;
  }

  private static long varint(ByteBuffer message) throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE && message.hasRemaining(); shift += 7) {
      byte next = message.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new InvalidProtocolBufferException("a number has no end");
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(copy);
    return copy;
  }
}
