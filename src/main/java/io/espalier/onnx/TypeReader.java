package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.TensorType;
import io.espalier.onnx.proto.OnnxProto.TensorShapeProto;
import io.espalier.onnx.proto.OnnxProto.TypeProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.util.List;
import java.util.Optional;

/** Turns declared types into tensor types. */
final class TypeReader {
  private TypeReader() {}

  /** The declared type; absent if there is none, or it is not that of a tensor we know. */
  static Optional<TensorType> read(ValueInfoProto proto) {
    TypeProto.Tensor type = proto.getType().getTensorType();
    if (!proto.getType().hasTensorType() || !DataType.isKnown(type.getElemType())) {
      return Optional.empty();
    }
    Optional<List<Dim>> dims =
        type.hasShape()
            ? Optional.of(type.getShape().getDimList().stream().map(TypeReader::dim).toList())
            : Optional.empty();
    return Optional.of(new TensorType(DataType.of(type.getElemType()), dims));
  }

  static Dim dim(TensorShapeProto.Dimension dim) {
    if (dim.hasDimValue() && dim.getDimValue() >= 0) {
      return new Dim.Known(dim.getDimValue());
    }
    return dim.getDimParam().isEmpty() ? new Dim.Unknown() : new Dim.Symbol(dim.getDimParam());
  }
}
