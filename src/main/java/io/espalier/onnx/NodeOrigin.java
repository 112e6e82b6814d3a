package io.espalier.onnx;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import java.util.Map;

/**
 * What a node was read from.
 *
 * @param attributes as they were read; one that is still the same object was not replaced
 */
record NodeOrigin(NodeProto proto, Map<String, Attribute> attributes) {
  /** Where {@code node} comes from; for one that was made here, its operator is all there is. */
  static NodeOrigin of(Node node) {
    if (node.origin() != null) {
      return (NodeOrigin) node.origin();
    }
    NodeProto.Builder proto = NodeProto.newBuilder().setOpType(node.opType());
    if (!node.name().isEmpty()) {
      proto.setName(node.name());
    }
    if (!node.operator().domain().isEmpty()) {
      proto.setDomain(node.operator().domain());
    }
    if (!node.operator().overload().isEmpty()) {
      proto.setOverload(node.operator().overload());
    }
    return new NodeOrigin(proto.build(), Map.of());
  }
}
