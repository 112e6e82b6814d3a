package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.nio.ByteBuffer;

/** Turns tensor messages into tensors, and refuses those whose data do not fit their shape. */
final class TensorReader {
  private final ExternalData externalData;

  TensorReader(ExternalData externalData) {
    this.externalData = externalData;
  }

  /** The tensor in {@code proto}; {@code where} names it in messages. */
  Tensor read(TensorProto proto, String where) {
    return read(proto, null, where);
  }

  /** The same; {@code raw}, if not null, is the {@code raw_data} that was left out. */
  Tensor read(TensorProto proto, ByteBuffer raw, String where) {
    try {
      return convert(
          proto,
          raw == null && !proto.getRawData().isEmpty()
              ? proto.getRawData().asReadOnlyByteBuffer().slice()
              : raw,
          where);
    } catch (ArithmeticException e) {
      throw new MalformedModelException(where + ": its size in bytes exceeds 2^63", e);
    }
  }

  private Tensor convert(TensorProto proto, ByteBuffer raw, String where) {
    DataType dataType = DataType.of(proto.getDataType());
    Shape shape = shape(proto, where);
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return externalData.tensor(proto, dataType, shape, where);
    }
    long expected;
    long found;
    String unit;
    if (raw != null) {
      unit = "bytes";
      expected = dataType.byteSize(shape.elements());
      found = raw.remaining();
    } else {
      unit = "values";
      expected = typedEntries(dataType, shape.elements());
      found = typedCount(proto, dataType);
    }
    if (expected != found) {
      throw new MalformedModelException(
          "%s: a %s tensor of shape %s needs %d %s, the file has %d"
              .formatted(where, dataType, shape, expected, unit, found));
    }
    return new ProtoTensor(dataType, shape, proto, raw);
  }

  static Shape shape(TensorProto proto, String where) {
    long[] dims = new long[proto.getDimsCount()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = proto.getDims(axis);
    }
    try {
      return Shape.of(dims);
    } catch (MalformedModelException e) {
      throw new MalformedModelException(where + ": " + e.getMessage(), e);
    }
  }

  private static long typedEntries(DataType dataType, long elements) {
    return switch (dataType) {
      case COMPLEX64, COMPLEX128 -> Math.multiplyExact(elements, 2);
      case STRING -> elements;
      case UNDEFINED -> 0;
      default -> dataType.bits() < 8 ? dataType.byteSize(elements) : elements;
    };
  }

  private static long typedCount(TensorProto proto, DataType dataType) {
    return switch (dataType) {
      case FLOAT, COMPLEX64 -> proto.getFloatDataCount();
      case DOUBLE, COMPLEX128 -> proto.getDoubleDataCount();
      case INT64 -> proto.getInt64DataCount();
      case UINT32, UINT64 -> proto.getUint64DataCount();
      case STRING -> proto.getStringDataCount();
      case UNDEFINED -> 0;
      default -> proto.getInt32DataCount();
    };
  }
}
