package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.onnx.proto.OnnxProto.TensorShapeProto;
import io.espalier.onnx.proto.OnnxProto.TypeProto;

/** Declared types in words, those included that the graph does not know. */
final class TypeText {
  private TypeText() {}

  /**
   * As in {@code float[N,1,28,28]}, {@code sequence(int64[])}, {@code optional(float[...])}: three
   * dots are an unknown rank, a question mark is a dimension without size and name.
   */
  static String of(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        TypeProto.Tensor tensor = type.getTensorType();
        yield tensor(tensor.getElemType(), tensor.hasShape(), tensor.getShape());
      }
      case SPARSE_TENSOR_TYPE -> {
        TypeProto.SparseTensor tensor = type.getSparseTensorType();
        yield "sparse " + tensor(tensor.getElemType(), tensor.hasShape(), tensor.getShape());
      }
      case SEQUENCE_TYPE -> "sequence(" + of(type.getSequenceType().getElemType()) + ")";
      case OPTIONAL_TYPE -> "optional(" + of(type.getOptionalType().getElemType()) + ")";
      case MAP_TYPE ->
          "map(%s, %s)"
              .formatted(
                  dataType(type.getMapType().getKeyType()), of(type.getMapType().getValueType()));
      case OPAQUE_TYPE ->
          "opaque %s.%s"
              .formatted(type.getOpaqueType().getDomain(), type.getOpaqueType().getName());
      case VALUE_NOT_SET -> "undeclared";
    };
  }

  private static String tensor(int elementType, boolean ranked, TensorShapeProto shape) {
    StringBuilder text = new StringBuilder(dataType(elementType)).append('[');
    if (!ranked) {
      return text.append("...]").toString();
    }
    for (int axis = 0; axis < shape.getDimCount(); axis++) {
      text.append(axis == 0 ? "" : ",").append(TypeReader.dim(shape.getDim(axis)));
    }
    return text.append(']').toString();
  }

  private static String dataType(int code) {
    return DataType.isKnown(code) ? DataType.of(code).toString() : "type " + code;
  }
}
