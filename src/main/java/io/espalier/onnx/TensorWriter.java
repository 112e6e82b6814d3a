package io.espalier.onnx;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Shape;
import io.espalier.graph.SparseTensor;
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
  private final ExternalDataLayout layout;
  private final ExternalDataPolicy policy;

  TensorWriter(ExternalDataLayout layout, ExternalDataPolicy policy) {
    this.layout = layout;
    this.policy = policy;
  }

  /** The graph's own dense initializers: those it was read with in their order, then new ones. */
  List<TensorPart> initializers(Graph graph) {
    GraphOrigin origin = GraphOrigin.of(graph);
    Map<String, Value> remaining = new HashMap<>();
    graph.initializers().forEach(value -> remaining.put(value.name(), value));
    graph.initializers().stream()
        .filter(value -> value.initializer().orElseThrow() instanceof SparseTensor)
        .forEach(value -> remaining.remove(value.name()));
    List<TensorPart> parts = new ArrayList<>();
    for (TensorProto proto : origin.proto().getInitializerList()) {
      Value value = remaining.remove(proto.getName());
      if (value != null) {
        Tensor before = origin.initializers().get(proto.getName());
        parts.add(initializer(proto, before, value.initializer().orElseThrow()));
      }
    }
    for (Value value : graph.initializers()) {
      if (remaining.containsKey(value.name())) {
        TensorProto named = TensorProto.newBuilder().setName(value.name()).build();
        parts.add(initializer(named, null, value.initializer().orElseThrow()));
      }
    }
    return parts;
  }

  /** The sparse initializers: those it was read with in their order, then new ones. */
  List<SparseTensorProto> sparse(Graph graph) {
    GraphOrigin origin = GraphOrigin.of(graph);
    Map<String, SparseTensorProto> before = new HashMap<>();
    for (SparseTensorProto proto : origin.proto().getSparseInitializerList()) {
      before.put(proto.getValues().getName(), proto);
    }
    List<SparseTensorProto> written = new ArrayList<>();
    for (Value value : graph.initializers()) {
      if (value.initializer().orElseThrow() instanceof SparseTensor tensor) {
        boolean same = origin.initializers().get(value.name()) == tensor;
        written.add(same ? before.get(value.name()) : sparse(value.name(), tensor));
      }
    }
    return written;
  }

  private SparseTensorProto sparse(String name, SparseTensor tensor) {
    TensorProto named = TensorProto.newBuilder().setName(name).build();
    SparseTensorProto.Builder builder =
        SparseTensorProto.newBuilder()
            .setValues(part(named, null, tensor.values()).whole())
            .setIndices(part(TensorProto.getDefaultInstance(), null, tensor.indices()).whole());
    for (long dim : tensor.shape().dims()) {
      builder.addDims(dim);
    }
    return builder.build();
  }

  /** A tensor that is part of a larger message. */
  TensorProto tensor(TensorProto proto, Tensor original, Tensor current) {
    if (original == current && !isExternal(proto)) {
      return proto;
    }
    return isExternal(proto) && policy.isExternal(current, true)
        ? layout.place(typed(proto, current), current)
        : part(proto, original, current).whole();
  }

  private TensorPart initializer(TensorProto proto, Tensor original, Tensor current) {
    return policy.isExternal(current, isExternal(proto))
        ? new TensorPart(layout.place(typed(proto, current), current), null)
        : part(proto, original, current);
  }

  private static boolean isExternal(TensorProto proto) {
    return proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /** A tensor of the model file, which can be written in pieces. */
  private TensorPart part(TensorProto proto, Tensor original, Tensor current) {
    if (isExternal(proto)) {
      TensorProto inside = proto.toBuilder().clearDataLocation().clearExternalData().build();
      return new TensorPart(typed(inside, current), current);
    }
    if (original == current) {
      boolean whole = !(current instanceof ProtoTensor read) || read.isWhole();
      return new TensorPart(proto, whole ? null : current);
    }
    if (current instanceof ProtoTensor read && current.dataType() == DataType.STRING) {
      return new TensorPart(read.proto().toBuilder().setName(proto.getName()).build(), null);
    }
    return new TensorPart(withoutElements(typed(proto, current)).build(), current);
  }

  /** A tensor's message without its elements, wherever they are. */
  static TensorProto.Builder withoutElements(TensorProto proto) {
    return proto.toBuilder()
        .clearRawData()
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data();
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
