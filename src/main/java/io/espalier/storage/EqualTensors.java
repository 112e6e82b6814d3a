package io.espalier.storage;

import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Initializers of a graph that hold the same bytes, of which one is enough. */
final class EqualTensors {
  private static final int PIECE = 1 << 20;
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
      List<Value> candidates = kept.computeIfAbsent(checksum(tensor), key -> new ArrayList<>());
      Value same = null;
      for (Value candidate : candidates) {
        if (same == null && SameBits.are(tensor, candidate.initializer().orElseThrow())) {
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

  private static long checksum(Tensor tensor) {
    CRC32C sum = new CRC32C();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, tensor.byteSize()));
    for (long at = 0; at < tensor.byteSize(); at += piece.capacity()) {
      piece.clear().limit((int) Math.min(piece.capacity(), tensor.byteSize() - at));
      tensor.read(at, piece);
      sum.update(piece.flip());
    }
    return sum.getValue();
  }
}
