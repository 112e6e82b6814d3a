package io.espalier.onnx;

import com.google.protobuf.UnsafeByteOperations;
import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.FunctionProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;

/** Turns graphs back into messages; what nobody changed is the very message it was read from. */
final class GraphWriter {
  /** Tensors of at least this many bytes are not copied through protobuf's small buffer. */
  private static final int IN_PIECES_FROM = 64 << 10;

  private final ExternalDataLayout layout;

  GraphWriter(ExternalDataLayout layout) {
    this.layout = layout;
  }

  /** The graph with all that is in it, but for its own initializers. */
  GraphProto withoutInitializers(Graph graph) {
    GraphProto origin = ((GraphOrigin) graph.origin()).proto();
    GraphProto.Builder builder = origin.toBuilder().clearInitializer();
    for (int i = 0; i < graph.nodes().size(); i++) {
      NodeProto node = node(graph.nodes().get(i));
      if (node != origin.getNode(i)) {
        builder.setNode(i, node);
      }
    }
    return builder.build();
  }

  /** A subgraph, initializers included. */
  private GraphProto graph(Graph graph) {
    GraphOrigin origin = (GraphOrigin) graph.origin();
    GraphProto.Builder builder = origin.proto().toBuilder();
    boolean changed = false;
    for (int i = 0; i < graph.nodes().size(); i++) {
      NodeProto node = node(graph.nodes().get(i));
      if (node != origin.proto().getNode(i)) {
        builder.setNode(i, node);
        changed = true;
      }
    }
    for (int i = 0; i < origin.proto().getInitializerCount(); i++) {
      TensorProto before = origin.proto().getInitializer(i);
      Value value = graph.find(before.getName()).orElseThrow();
      TensorProto after =
          tensor(
              before,
              origin.initializers().get(before.getName()),
              value.initializer().orElseThrow());
      if (after != before) {
        builder.setInitializer(i, after);
        changed = true;
      }
    }
    return changed ? builder.build() : origin.proto();
  }

  FunctionProto function(Graph body, FunctionProto origin) {
    FunctionProto.Builder builder = origin.toBuilder();
    for (int i = 0; i < body.nodes().size(); i++) {
      builder.setNode(i, node(body.nodes().get(i)));
    }
    return builder.build();
  }

  private NodeProto node(Node node) {
    NodeOrigin origin = (NodeOrigin) node.origin();
    NodeProto.Builder builder = null;
    for (int i = 0; i < origin.proto().getAttributeCount(); i++) {
      AttributeProto before = origin.proto().getAttribute(i);
      AttributeProto after =
          attribute(
              before,
              origin.attributes().get(before.getName()),
              node.attributes().get(before.getName()));
      if (after != before) {
        builder = builder == null ? origin.proto().toBuilder() : builder;
        builder.setAttribute(i, after);
      }
    }
    return builder == null ? origin.proto() : builder.build();
  }

  private AttributeProto attribute(AttributeProto proto, Attribute original, Attribute current) {
    if (current instanceof Attribute.TensorAttribute now
        && original instanceof Attribute.TensorAttribute before) {
      TensorProto tensor = tensor(proto.getT(), before.value(), now.value());
      return tensor == proto.getT() ? proto : proto.toBuilder().setT(tensor).build();
    }
    if (current instanceof Attribute.GraphAttribute now) {
      GraphProto graph = graph(now.value());
      return graph == proto.getG() ? proto : proto.toBuilder().setG(graph).build();
    }
    if (current instanceof Attribute.GraphsAttribute now) {
      return graphs(proto, now);
    }
    return proto;
  }

  private AttributeProto graphs(AttributeProto proto, Attribute.GraphsAttribute now) {
    AttributeProto.Builder builder = null;
    for (int i = 0; i < now.value().size(); i++) {
      GraphProto graph = graph(now.value().get(i));
      if (graph != proto.getGraphs(i)) {
        builder = builder == null ? proto.toBuilder() : builder;
        builder.setGraphs(i, graph);
      }
    }
    return builder == null ? proto : builder.build();
  }

  /** A tensor that is part of a larger message. */
  private TensorProto tensor(TensorProto proto, Tensor original, Tensor current) {
    if (original == current && proto.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      return proto;
    }
    TensorPart part = part(proto, original, current);
    return part.raw() == null
        ? part.proto()
        : part.proto().toBuilder()
            .setRawData(UnsafeByteOperations.unsafeWrap(part.raw().bytes()))
            .build();
  }

  /** A tensor that can be written in pieces. */
  TensorPart part(TensorProto proto, Tensor original, Tensor current) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      return new TensorPart(layout.place(proto, current), null);
    }
    if (original == current) {
      return proto.getRawData().size() < IN_PIECES_FROM
          ? new TensorPart(proto, null)
          : new TensorPart(proto.toBuilder().clearRawData().build(), current);
    }
    TensorProto.Builder builder =
        proto.toBuilder()
            .clearRawData()
            .clearFloatData()
            .clearInt32Data()
            .clearInt64Data()
            .clearDoubleData()
            .clearUint64Data();
    return new TensorPart(builder.build(), current);
  }
}
