package io.espalier.onnx;

import io.espalier.graph.Attribute;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import java.util.Map;

/**
 * What a node was read from.
 *
 * @param attributes as they were read; one that is still the same object was not replaced
 */
record NodeOrigin(NodeProto proto, Map<String, Attribute> attributes) {}
