package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor whose elements are in a message: in {@code raw_data} or in a typed field. */
final class ProtoTensor implements Tensor {
  private final DataType dataType;
  private final Shape shape;
  private final ByteBuffer raw;
  private final TensorProto proto;

  /** A tensor over {@code proto}, whose contents fit type and shape. */
  ProtoTensor(DataType dataType, Shape shape, TensorProto proto) {
    this.dataType = dataType;
    this.shape = shape;
    this.proto = proto;
    this.raw = proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer().slice() : null;
  }

  TensorProto proto() {
    return proto;
  }

  @Override
  public DataType dataType() {
    return dataType;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public void read(long position, ByteBuffer into) {
    if (dataType.bits() == 0) {
      throw new UnsupportedModelException("a tensor of " + dataType + " has no bytes");
    }
    if (raw != null) {
      into.put(raw.slice(Math.toIntExact(position), into.remaining()));
    } else {
      readTyped(Math.toIntExact(position), into);
    }
  }

  /** Reads from a typed field, of which one entry may hold several bytes of the tensor. */
  private void readTyped(int position, ByteBuffer into) {
    int width = entryWidth();
    ByteBuffer bytes = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      int skip = position % width;
      int count = Math.min(width - skip, bytes.remaining());
      if (count == Float.BYTES && width == Float.BYTES) {
        bytes.putInt((int) entry(position / width));
      } else {
        bytes.put(entry.putLong(0, entry(position / width)).slice(skip, count));
      }
      position += count;
    }
    into.position(bytes.position());
  }

  private int entryWidth() {
    return switch (dataType) {
      case COMPLEX64 -> Float.BYTES;
      case COMPLEX128 -> Double.BYTES;
      default -> Math.max(1, dataType.bits() / 8);
    };
  }

  private long entry(int index) {
    return switch (dataType) {
      case FLOAT, COMPLEX64 -> Float.floatToRawIntBits(proto.getFloatData(index));
      case DOUBLE, COMPLEX128 -> Double.doubleToRawLongBits(proto.getDoubleData(index));
      case INT64 -> proto.getInt64Data(index);
      case UINT32, UINT64 -> proto.getUint64Data(index);
      default -> proto.getInt32Data(index);
    };
  }
}
