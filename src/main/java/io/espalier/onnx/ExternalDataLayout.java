package io.espalier.onnx;

import io.espalier.graph.Tensor;
import io.espalier.graph.TensorBits;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where each tensor goes in the one file of external data that is written. */
final class ExternalDataLayout {
  /** Tensors of at least this many bytes start on a page, so that a runtime can map them. */
  private static final long ALIGN_FROM = 1 << 20;

  private static final int PAGE = 4096;

  private final String location;
  private final List<Placed> placed = new ArrayList<>();
  private final Map<Long, List<Placed>> bySize = new HashMap<>();
  private long end;

  /** A tensor and where it lies. */
  private static final class Placed {
    private final Tensor tensor;
    private final long offset;
    private Long checksum;

    Placed(Tensor tensor, long offset) {
      this.tensor = tensor;
      this.offset = offset;
    }

    /** The same bytes at their place. */
    Placed(Placed known, long offset) {
      this(known.tensor, offset);
      this.checksum = known.checksum;
    }

    /** Whether it holds the same bytes; read only where sizes do not tell. */
    boolean holds(Placed other) {
      return isSamePlace(other.tensor)
          || checksum() == other.checksum() && TensorBits.sameBytes(tensor, other.tensor);
    }

    private boolean isSamePlace(Tensor other) {
      return tensor == other
          || tensor instanceof FileTensor known
              && other instanceof FileTensor file
              && known.sameBytes(file);
    }

    private long checksum() {
      if (checksum == null) {
        checksum = TensorBits.checksum(tensor);
      }
      return checksum;
    }
  }

  ExternalDataLayout(String location) {
    this.location = location;
  }

  boolean isEmpty() {
    return placed.isEmpty();
  }

  /** Gives {@code tensor} a place and returns {@code proto} referring to it. */
  TensorProto place(TensorProto proto, Tensor tensor) {
    long offset = offset(tensor);
    return TensorWriter.withoutElements(proto)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .clearExternalData()
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(tensor.byteSize())))
        .build();
  }

  /** The place of the same bytes, if they have one, or the next free one. */
  private long offset(Tensor tensor) {
    Placed next = new Placed(tensor, 0);
    List<Placed> alike = bySize.computeIfAbsent(tensor.byteSize(), size -> new ArrayList<>());
    for (Placed other : alike) {
      if (other.holds(next)) {
        return other.offset;
      }
    }
    if (tensor.byteSize() >= ALIGN_FROM) {
      end = Math.addExact(end, Math.floorMod(-end, PAGE));
    }
    next = new Placed(next, end);
    placed.add(next);
    alike.add(next);
    end = Math.addExact(end, tensor.byteSize());
    return next.offset;
  }

  void write(WritableByteChannel channel) throws IOException {
    try (MessageSink sink = new MessageSink(channel, end)) {
      long position = 0;
      for (Placed next : placed) {
        sink.zeros(next.offset - position);
        sink.bytes(next.tensor);
        position = next.offset + next.tensor.byteSize();
      }
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
