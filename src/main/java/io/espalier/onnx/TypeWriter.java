package io.espalier.onnx;

import io.espalier.graph.Dim;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.TensorShapeProto;
import io.espalier.onnx.proto.OnnxProto.TypeProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns values with their declared types into messages. */
final class TypeWriter {
  private TypeWriter() {}

  /** A message for each value: the one it was read from, unless its type has changed. */
  static List<ValueInfoProto> ports(
      List<Value> values, List<ValueInfoProto> before, GraphOrigin origin) {
    Map<String, ValueInfoProto> known = new HashMap<>();
    before.forEach(proto -> known.putIfAbsent(proto.getName(), proto));
    List<ValueInfoProto> written = new ArrayList<>();
    for (Value value : values) {
      ValueInfoProto proto = known.get(value.name());
      if (proto == null) {
        written.add(typed(ValueInfoProto.newBuilder().setName(value.name()), value));
      } else {
        written.add(origin.typeChanged(value) ? typed(proto.toBuilder(), value) : proto);
      }
    }
    return written;
  }

  /** The types of inner values, but for those of values that are no longer there. */
  static List<ValueInfoProto> inner(
      Map<String, Value> values, List<ValueInfoProto> before, GraphOrigin origin) {
    List<ValueInfoProto> written = new ArrayList<>();
    for (ValueInfoProto proto : before) {
      Value value = values.get(proto.getName());
      if (value != null && origin.typeChanged(value)) {
        written.add(typed(proto.toBuilder(), value));
      } else if (value != null || !origin.types().containsKey(proto.getName())) {
        written.add(proto);
      }
    }
    return written;
  }

  private static ValueInfoProto typed(ValueInfoProto.Builder proto, Value value) {
    value.type().ifPresentOrElse(type -> proto.setType(type(type)), proto::clearType);
    return proto.build();
  }

  private static TypeProto type(TensorType type) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.dataType().code());
    type.dims()
        .ifPresent(
            dims -> {
              TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
              dims.forEach(dim -> shape.addDim(dim(dim)));
              tensor.setShape(shape);
            });
    return TypeProto.newBuilder().setTensorType(tensor).build();
  }

  private static TensorShapeProto.Dimension dim(Dim dim) {
    TensorShapeProto.Dimension.Builder proto = TensorShapeProto.Dimension.newBuilder();
    if (dim instanceof Dim.Known known) {
      proto.setDimValue(known.size());
    } else if (dim instanceof Dim.Symbol symbol) {
      proto.setDimParam(symbol.name());
    }
    return proto.build();
  }
}
