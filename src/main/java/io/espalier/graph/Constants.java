package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** Small initializers of a graph, each tensor once. */
final class Constants {
  /** Larger tensors are not compared with those that are there. */
  private static final long SHARED_BELOW = 1024;

  private final Graph graph;
  private final Map<Key, Value> known = new HashMap<>();

  private record Key(DataType dataType, Shape shape, ByteBuffer bytes) {}

  Constants(Graph graph) {
    this.graph = graph;
  }

  /** An initializer that holds {@code tensor}. */
  Value of(Tensor tensor) {
    if (tensor.byteSize() >= SHARED_BELOW) {
      return add(tensor);
    }
    Key key = new Key(tensor.dataType(), tensor.shape(), tensor.bytes());
    Value found = known.get(key);
    if (found == null || graph.find(found.name()).orElse(null) != found) {
      found = add(tensor);
      known.put(key, found);
    }
    return found;
  }

  private Value add(Tensor tensor) {
    Value value = graph.newValue("constant");
    value.setInitializer(tensor);
    value.setType(TensorType.of(tensor));
    return value;
  }

  /**
   * A tensor of equal numbers.
   *
   * @throws IllegalArgumentException for a type other than float, double, int32, int64 and bool
   */
  static Tensor filled(DataType dataType, Shape shape, double number) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(dataType.byteSize(shape.elements())))
            .order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      switch (dataType) {
        case FLOAT -> bytes.putFloat((float) number);
        case DOUBLE -> bytes.putDouble(number);
        case INT32 -> bytes.putInt((int) number);
        case INT64 -> bytes.putLong((long) number);
        case BOOL -> bytes.put((byte) (number == 0 ? 0 : 1));
        default -> throw new IllegalArgumentException("constants of type " + dataType);
      }
    }
    return new ArrayTensor(dataType, shape, bytes.flip());
  }
}
