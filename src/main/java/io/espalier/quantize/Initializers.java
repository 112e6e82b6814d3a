package io.espalier.quantize;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** New initializers of a graph. Until IR version 4, they are inputs of it too. */
final class Initializers {
  private static final long IR_VERSION_OF_CONSTANTS = 4;

  private final Graph graph;
  private final boolean listed;

  Initializers(Graph graph, long irVersion) {
    this.graph = graph;
    this.listed = irVersion < IR_VERSION_OF_CONSTANTS && graph.parent().isEmpty();
  }

  Value add(String name, Tensor tensor) {
    Value value = graph.newValue(name);
    value.setInitializer(tensor);
    value.setType(TensorType.of(tensor));
    if (listed) {
      graph.makeInput(value);
    }
    return value;
  }

  Value bytes(String name, DataType type, Shape shape, byte[] bytes) {
    return add(name, new ArrayTensor(type, shape, ByteBuffer.wrap(bytes)));
  }

  Value floats(String name, Shape shape, float... elements) {
    return add(name, ArrayTensor.of(shape, elements));
  }

  Value longs(String name, long... elements) {
    return add(name, ArrayTensor.of(Shape.of(elements.length), elements));
  }

  Value ints(String name, Shape shape, int... elements) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Integer.BYTES, elements.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(elements);
    return add(name, new ArrayTensor(DataType.INT32, shape, bytes));
  }
}
