package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.SparseTensorProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns tensors into messages; what nobody replaced is the very message it was read from. */
final class TensorWriter {
  /** Tensors of at least this many bytes are not copied through protobuf's small buffer. */
  private static final int IN_PIECES_FROM = 64 << 10;

  private final ExternalDataLayout layout;

  TensorWriter(ExternalDataLayout layout) {
    this.layout = layout;
  }

  /** The graph's own dense initializers: those it was read with in their order, then new ones. */
  List<TensorPart> initializers(Graph graph) {
    GraphOrigin origin = GraphOrigin.of(graph);
    Map<String, Value> remaining = new HashMap<>();
    graph.initializers().forEach(value -> remaining.put(value.name(), value));
    sparse(graph).forEach(sparse -> remaining.remove(sparse.getValues().getName()));
    List<TensorPart> parts = new ArrayList<>();
    for (TensorProto proto : origin.proto().getInitializerList()) {
      Value value = remaining.remove(proto.getName());
      if (value != null) {
        Tensor before = origin.initializers().get(proto.getName());
        parts.add(part(proto, before, value.initializer().orElseThrow()));
      }
    }
    for (Value value : graph.initializers()) {
      if (remaining.containsKey(value.name())) {
        TensorProto named = TensorProto.newBuilder().setName(value.name()).build();
        parts.add(part(named, null, value.initializer().orElseThrow()));
      }
    }
    return parts;
  }

  /** The sparse initializers that nobody replaced or removed. */
  List<SparseTensorProto> sparse(Graph graph) {
    GraphOrigin origin = GraphOrigin.of(graph);
    List<SparseTensorProto> kept = new ArrayList<>();
    for (SparseTensorProto proto : origin.proto().getSparseInitializerList()) {
      String name = proto.getValues().getName();
      Tensor before = origin.initializers().get(name);
      boolean same =
          graph
              .find(name)
              .filter(value -> value.graph() == graph)
              .flatMap(Value::initializer)
              .filter(now -> now == before)
              .isPresent();
      if (same) {
        kept.add(proto);
      }
    }
    return kept;
  }

  /** A tensor that is part of a larger message. */
  TensorProto tensor(TensorProto proto, Tensor original, Tensor current) {
    if (original == current && proto.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      return proto;
    }
    return part(proto, original, current).whole();
  }

  /** A tensor that can be written in pieces. */
  private TensorPart part(TensorProto proto, Tensor original, Tensor current) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return new TensorPart(layout.place(typed(proto, current), current), null);
    }
    if (original == current) {
      return proto.getRawData().size() < IN_PIECES_FROM
          ? new TensorPart(proto, null)
          : new TensorPart(proto.toBuilder().clearRawData().build(), current);
    }
    if (current instanceof ProtoTensor read && current.dataType() == DataType.STRING) {
      return new TensorPart(read.proto().toBuilder().setName(proto.getName()).build(), null);
    }
    TensorProto.Builder builder =
        typed(proto, current).toBuilder()
            .clearRawData()
            .clearFloatData()
            .clearInt32Data()
            .clearInt64Data()
            .clearDoubleData()
            .clearUint64Data();
    return new TensorPart(builder.build(), current);
  }

  /** {@code proto} with the element type and the dimensions of {@code tensor}. */
  private static TensorProto typed(TensorProto proto, Tensor tensor) {
    Shape shape = tensor.shape();
    boolean same =
        proto.getDataType() == tensor.dataType().code() && proto.getDimsCount() == shape.rank();
    for (int axis = 0; same && axis < shape.rank(); axis++) {
      same = proto.getDims(axis) == shape.dim(axis);
    }
    if (same) {
      return proto;
    }
    TensorProto.Builder builder =
        proto.toBuilder().setDataType(tensor.dataType().code()).clearDims();
    for (long dim : shape.dims()) {
      builder.addDims(dim);
    }
    return builder.build();
  }
}
