package io.espalier.storage;

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
    return values.layout().opset();
  }

  @Override
  public long scratchBytes() {
    return values.layout().scratchPerNumber(DataType.INT32) * elements;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] codes = codes(tensor);
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value codebook = nodes.part("codebook", values.table(tensor.dataType()));
      Value indices = values.layout().write(nodes, "codes", codes, DataType.INT32, tensor.shape());
      nodes.last("Gather", Map.of(), codebook, indices);
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
