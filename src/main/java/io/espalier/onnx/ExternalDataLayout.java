package io.espalier.onnx;

import io.espalier.graph.Tensor;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** Where each tensor goes in the one file of external data that is written. */
final class ExternalDataLayout {
  /** Tensors of at least this many bytes start on a page, so that a runtime can map them. */
  private static final long ALIGN_FROM = 1 << 20;

  private static final int PAGE = 4096;

  private final String location;
  private final List<Placed> placed = new ArrayList<>();
  private long end;

  private record Placed(Tensor tensor, long offset) {}

  ExternalDataLayout(String location) {
    this.location = location;
  }

  boolean isEmpty() {
    return placed.isEmpty();
  }

  /** Gives {@code tensor} a place and returns {@code proto} referring to it. */
  TensorProto place(TensorProto proto, Tensor tensor) {
    long offset = offset(tensor);
    return proto.toBuilder()
        .clearExternalData()
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(tensor.byteSize())))
        .build();
  }

  /** The place of the same bytes, if they have one, or the next free one. */
  private long offset(Tensor tensor) {
    if (tensor instanceof FileTensor file) {
      for (Placed other : placed) {
        if (other.tensor() instanceof FileTensor known && known.sameBytes(file)) {
          return other.offset();
        }
      }
    }
    if (tensor.byteSize() >= ALIGN_FROM) {
      end = Math.addExact(end, Math.floorMod(-end, PAGE));
    }
    long offset = end;
    placed.add(new Placed(tensor, offset));
    end = Math.addExact(end, tensor.byteSize());
    return offset;
  }

  void write(WritableByteChannel channel) throws IOException {
    try (MessageSink sink = new MessageSink(channel, end)) {
      long position = 0;
      for (Placed next : placed) {
        sink.zeros(next.offset() - position);
        sink.bytes(next.tensor());
        position = next.offset() + next.tensor().byteSize();
      }
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
