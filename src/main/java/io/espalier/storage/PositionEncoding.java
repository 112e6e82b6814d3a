package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** The elements that are not zero and where each lies; for opsets 9 and 10, without CumSum. */
record PositionEncoding(long elements, int nonzero, ValueCode values) implements Encoding {
  @Override
  public String name() {
    return values.name().isEmpty() ? "positions" : "positions, " + values.name();
  }

  private DataType type() {
    return elements <= 1 << 16 ? DataType.UINT16 : DataType.INT32;
  }

  @Override
  public long byteSize() {
    return (long) nonzero * type().bits() / 8 + values.byteSize(nonzero);
  }

  @Override
  public int nodes() {
    return values.nodes(nonzero) + 3;
  }

  @Override
  public int parts() {
    return 1 + values.parts();
  }

  @Override
  public long opset() {
    return Math.max(9, values.opset());
  }

  @Override
  public long scratchBytes() {
    return 2L * values.width() * elements + 8L * nonzero;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    int width = type().bits() / 8;
    ByteBuffer positions =
        ByteBuffer.allocate(Math.multiplyExact(nonzero, width)).order(ByteOrder.LITTLE_ENDIAN);
    ValueCode.Column column = values.column(tensor.dataType(), nonzero);
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          Cells.put(positions, width, index);
          column.add(index, bits);
        });
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value stored =
          nodes.part(
              "positions",
              new ArrayTensor(type(), Shape.of(nonzero), positions.duplicate().flip()));
      Value places = nodes.cast(stored, DataType.INT64);
      Value zeros = nodes.zeros(tensor.dataType(), elements);
      Value flat = nodes.call("Scatter", zeros, places, column.write(nodes, Shape.of(nonzero)));
      nodes.last("Reshape", Map.of(), flat, nodes.ints(tensor.shape().dims()));
    };
  }
}
