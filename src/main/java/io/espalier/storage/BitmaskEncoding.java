package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * A bit for each element, and the values of those whose bit is set. Decoded by CumSum, which counts
 * the bits up to an element, and Gather; where a bit is not set, the index is that of a zero in
 * front of all values.
 */
record BitmaskEncoding(int elements, int nonzero, ValueCode values) implements Encoding {
  private static final Digits BITS = new Digits(2, 8, false);

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
    return values instanceof ValueCode.Coded ? 3 : 2;
  }

  @Override
  public long opset() {
    return 11;
  }

  @Override
  public long scratchBytes() {
    long indices = BITS.scratchBytes(Integer.BYTES) + 3L * Integer.BYTES;
    return indices * elements + (long) values.scratchBytes() * nonzero;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] set = new byte[elements];
    ValueCode.Column column = values.column(tensor.dataType(), nonzero + 1);
    column.add(0);
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          set[(int) index] = 1;
          column.add(bits);
        });
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value mask = nodes.part("mask", BITS.pack(set, elements));
      Value bits = BITS.unpack(nodes, mask, elements, DataType.INT32, -1);
      Value counted = nodes.call("CumSum", bits, nodes.firstAxis());
      Value indices = nodes.call("Mul", counted, bits);
      Value shaped = nodes.call("Reshape", indices, nodes.ints(tensor.shape().dims()));
      nodes.last("Gather", Map.of(), column.write(nodes), shaped);
    };
  }
}
