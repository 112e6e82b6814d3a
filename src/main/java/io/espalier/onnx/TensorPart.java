package io.espalier.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.espalier.graph.Tensor;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;

/**
 * A tensor to be written.
 *
 * @param proto the message; without {@code raw_data} if {@code raw} is there
 * @param raw where the bytes come from; null when the message has all there is
 */
record TensorPart(TensorProto proto, Tensor raw) {
  /** All of it as one message. */
  TensorProto whole() {
    return raw == null
        ? proto
        : proto.toBuilder().setRawData(UnsafeByteOperations.unsafeWrap(raw.bytes())).build();
  }

  private long size() {
    return raw == null ? proto.getSerializedSize() : proto.getSerializedSize() + rawSize();
  }

  private long rawSize() {
    return CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
        + CodedOutputStream.computeUInt64SizeNoTag(raw.byteSize())
        + raw.byteSize();
  }

  /** Bytes of the tensor as field {@code field} of another message, tag and length included. */
  long framedSize(int field) {
    long size = size();
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt64SizeNoTag(size)
        + size;
  }

  /** Writes the tensor as field {@code field} of another message. */
  void writeFramed(int field, MessageSink sink) throws IOException {
    sink.tag(field, size());
    if (raw == null) {
      sink.message(proto);
      return;
    }
    Message.Builder[] around = Fields.split(proto, TensorProto.RAW_DATA_FIELD_NUMBER);
    sink.message(around[0].build());
    sink.tag(TensorProto.RAW_DATA_FIELD_NUMBER, raw.byteSize());
    sink.bytes(raw);
    sink.message(around[1].build());
  }
}
