package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;

/**
 * A bit for each element, and the values of those whose bit is set. Decoded by CumSum, which counts
 * the bits up to an element, and Gather; where a bit is not set, the index is that of a zero in
 * front of all values.
 */
record BitmaskEncoding(int elements, int nonzero, ValueCode values) implements Encoding {
  private static final Digits BITS = new Digits(2, 8, DataType.UINT8);

  @Override
  public String name() {
    return values.name().isEmpty() ? "bitmask" : "bitmask, " + values.name();
  }

  @Override
  public long byteSize() {
    return BITS.byteSize(elements) + values.byteSize(nonzero + 1L);
  }

  @Override
  public int nodes() {
    return BITS.nodes(elements) + values.nodes(nonzero + 1L) + 4;
  }

  @Override
  public int parts() {
    return 1 + values.parts();
  }

  @Override
  public long opset() {
    return Math.max(11, values.opset());
  }

  @Override
  public long scratchBytes() {
    long indices = BITS.scratchPerNumber(DataType.INT32) + 3L * Integer.BYTES;
    long channels = values instanceof ChannelCode ? 2L * Integer.BYTES : 0;
    return (indices + channels) * elements + values.scratchBytes(nonzero + 1L);
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] set = new byte[elements];
    ValueCode.Column column = values.column(tensor.dataType(), nonzero + 1);
    column.add(0, 0);
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          set[(int) index] = 1;
          column.add(index, bits);
        });
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value bits = BITS.write(nodes, "mask", set, DataType.INT32, Shape.of(elements));
      Value counted = nodes.call("CumSum", bits, nodes.firstAxis());
      Value indices = nodes.call("Mul", counted, bits);
      Value shaped = nodes.call("Reshape", indices, nodes.ints(tensor.shape().dims()));
      Shape stored = Shape.of(nonzero + 1);
      nodes.finish(column.pick(nodes, stored, shaped, tensor.shape().rank()));
    };
  }
}
