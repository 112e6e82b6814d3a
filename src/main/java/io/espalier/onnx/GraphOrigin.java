package io.espalier.onnx;

import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a graph was read from.
 *
 * @param initializers as they were read, by name; one that is still the same object was not
 *     replaced
 * @param types as they were read, by name, with an entry for every value that the graph declared
 */
record GraphOrigin(
    GraphProto proto, Map<String, Tensor> initializers, Map<String, Optional<TensorType>> types) {

  /** What a graph that was made here starts from: nothing. */
  static final GraphOrigin NONE =
      new GraphOrigin(GraphProto.getDefaultInstance(), Map.of(), Map.of());

  static GraphOrigin of(GraphProto proto, Graph graph) {
    Map<String, Tensor> initializers = new HashMap<>();
    Map<String, Optional<TensorType>> types = new HashMap<>();
    for (Value value : graph.values()) {
      value.initializer().ifPresent(tensor -> initializers.put(value.name(), tensor));
      types.put(value.name(), value.type());
    }
    return new GraphOrigin(proto, initializers, types);
  }

  /** Where {@code graph} comes from. */
  static GraphOrigin of(Graph graph) {
    return graph.origin() == null ? NONE : (GraphOrigin) graph.origin();
  }

  /** Whether the value's declared type is another one than the file had. */
  boolean typeChanged(Value value) {
    Optional<TensorType> before = types.get(value.name());
    return before != null && !before.equals(value.type());
  }
}
