package io.espalier.onnx;

import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import java.util.HashMap;
import java.util.Map;

/**
 * What a graph was read from.
 *
 * @param initializers as they were read, by name; one that is still the same object was not
 *     replaced
 */
record GraphOrigin(GraphProto proto, Map<String, Tensor> initializers) {
  static GraphOrigin of(GraphProto proto, Graph graph) {
    Map<String, Tensor> initializers = new HashMap<>();
    for (Value value : graph.values()) {
      value.initializer().ifPresent(tensor -> initializers.put(value.name(), tensor));
    }
    return new GraphOrigin(proto, initializers);
  }
}
