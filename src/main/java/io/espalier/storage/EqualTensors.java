package io.espalier.storage;

import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorBits;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Initializers of a graph that hold the same bytes, of which one is enough. */
final class EqualTensors {
  private static final long SMALLEST_BYTES = 64;

  private final Graph graph;

  EqualTensors(Graph graph) {
    this.graph = graph;
  }

  /**
   * Lets the nodes that take one of several equal tensors take the first; returns how many went.
   */
  int merge() {
    Map<List<Object>, List<Value>> alike = new HashMap<>();
    for (Value value : graph.initializers()) {
      Tensor tensor = value.initializer().orElseThrow();
      if (tensor.isReadable() && tensor.byteSize() >= SMALLEST_BYTES && !isPort(value)) {
        alike
            .computeIfAbsent(List.of(tensor.dataType(), tensor.shape()), key -> new ArrayList<>())
            .add(value);
      }
    }
    return alike.values().stream()
        .filter(values -> values.size() > 1)
        .mapToInt(this::mergeAlike)
        .sum();
  }

  private static boolean isPort(Value value) {
    return value.isGraphInput() || value.isGraphOutput();
  }

  private int mergeAlike(List<Value> values) {
    Map<Long, List<Value>> kept = new HashMap<>();
    int merged = 0;
    for (Value value : values) {
      Tensor tensor = value.initializer().orElseThrow();
      List<Value> candidates =
          kept.computeIfAbsent(TensorBits.checksum(tensor), key -> new ArrayList<>());
      Value same = null;
      for (Value candidate : candidates) {
        if (same == null && TensorBits.same(tensor, candidate.initializer().orElseThrow())) {
          same = candidate;
        }
      }
      if (same == null) {
        candidates.add(value);
      } else {
        value.replaceUsesWith(same);
        graph.remove(value);
        merged++;
      }
    }
    return merged;
  }
}
