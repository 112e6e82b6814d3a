package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;

/** A code for every element, zeros included, and the table of the values. Decoded by Gather. */
record CodesEncoding(int elements, ValueCode.Coded values) implements Encoding {
  @Override
  public String name() {
    return values.name();
  }

  @Override
  public long byteSize() {
    return values.byteSize(elements);
  }

  @Override
  public int nodes() {
    return values.nodes(elements) + (values.layout().perCell() == 1 ? 0 : 1);
  }

  @Override
  public int parts() {
    return 2;
  }

  @Override
  public long opset() {
    return values.layout().perCell() == 1 ? 6 : 11;
  }

  @Override
  public long scratchBytes() {
    Digits layout = values.layout();
    long shaped = layout.perCell() == 1 ? 1 : Integer.BYTES;
    return (layout.scratchBytes(Integer.BYTES) + shaped) * elements;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] codes = codes(tensor);
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value codebook = nodes.part("codebook", values.table(tensor.dataType()));
      Tensor packed = values.layout().pack(codes, elements);
      if (values.layout().perCell() == 1) {
        Tensor shaped = new ArrayTensor(DataType.UINT8, tensor.shape(), packed.bytes());
        Value indices = nodes.cast(nodes.part("codes", shaped), DataType.INT32);
        nodes.last("Gather", Map.of(), codebook, indices);
        return;
      }
      Value indices =
          values.layout().unpack(nodes, nodes.part("codes", packed), elements, DataType.INT32, -1);
      Value shaped = nodes.call("Reshape", indices, nodes.ints(tensor.shape().dims()));
      nodes.last("Gather", Map.of(), codebook, shaped);
    };
  }

  private byte[] codes(Tensor tensor) {
    byte[] codes = new byte[elements];
    if (values.index().containsKey(0L)) {
      Arrays.fill(codes, values.codeOf(0));
    }
    Cells.forEachNonzero(tensor, (index, bits) -> codes[(int) index] = values.codeOf(bits));
    return codes;
  }
}
