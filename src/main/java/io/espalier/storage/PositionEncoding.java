package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Set;

/**
 * The elements that are not zero and where each lies; for opsets 9 and 10, without CumSum. Decoded
 * by MaxUnpool, as if all elements were those of one pooled axis: unlike Scatter, onnx's reference
 * evaluator knows it, and onnxruntime does not need zeros to begin with.
 *
 * @param dataType one of {@link #TYPES}
 * @param entries elements that are laid down, at least one
 */
record PositionEncoding(DataType dataType, long elements, int entries, ValueCode values)
    implements Encoding {
  /** Float, for which onnxruntime has MaxUnpool, and what float holds exactly. */
  static final Set<DataType> TYPES = Set.of(DataType.FLOAT, DataType.INT8, DataType.UINT8);

  @Override
  public String name() {
    return values.name().isEmpty() ? "positions" : "positions, " + values.name();
  }

  private DataType type() {
    return elements <= 1 << 16 ? DataType.UINT16 : DataType.INT32;
  }

  private boolean isFloat() {
    return dataType == DataType.FLOAT;
  }

  @Override
  public long byteSize() {
    return (long) entries * type().bits() / 8 + values.byteSize(entries);
  }

  @Override
  public int nodes() {
    return values.nodes(entries) + (isFloat() ? 4 : 6);
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
    long numbers = isFloat() ? 0 : Float.BYTES;
    long laid = (Long.BYTES + numbers) * entries + values.scratchBytes(entries);
    return (Float.BYTES + numbers) * elements + laid;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    int width = type().bits() / 8;
    ByteBuffer positions =
        ByteBuffer.allocate(Math.multiplyExact(entries, width)).order(ByteOrder.LITTLE_ENDIAN);
    ValueCode.Column column = values.column(tensor.dataType(), entries);
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          Cells.put(positions, width, index);
          column.add(index, bits);
        });
    Shape pooled = Shape.of(1, 1, entries);
    Tensor places = new ArrayTensor(type(), pooled, positions.rewind());
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value indices = nodes.cast(nodes.part("positions", places), DataType.INT64);
      Value laid = column.write(nodes, pooled);
      Value numbers = isFloat() ? laid : nodes.cast(laid, DataType.FLOAT);
      Map<String, Attribute> window =
          Map.of("kernel_shape", Attribute.of(new long[] {elements - entries + 1}));
      Value flat = nodes.call("MaxUnpool", window, numbers, indices);
      Value exact = isFloat() ? flat : nodes.cast(flat, dataType);
      nodes.last("Reshape", Map.of(), exact, nodes.ints(tensor.shape().dims()));
    };
  }
}
