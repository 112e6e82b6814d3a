package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** Every element as float16, where that is the same number. Decoded by Cast. */
record HalfEncoding(long elements) implements Encoding {
  @Override
  public String name() {
    return "float16";
  }

  @Override
  public long byteSize() {
    return 2 * elements;
  }

  @Override
  public int nodes() {
    return 1;
  }

  @Override
  public int parts() {
    return 1;
  }

  @Override
  public long opset() {
    return 6;
  }

  @Override
  public long scratchBytes() {
    return 2 * elements;
  }

  @Override
  public Decoding encode(Tensor tensor) {
    ByteBuffer half =
        ByteBuffer.allocate(Math.toIntExact(byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    Cells.forEachNonzero(
        tensor,
        (index, bits) ->
            half.putShort((int) (2 * index), Floats.toFloat16(Float.intBitsToFloat((int) bits))));
    return (nodes, weight) -> {
      nodes.begin(weight);
      Value stored = nodes.part("half", new ArrayTensor(DataType.FLOAT16, tensor.shape(), half));
      nodes.last("Cast", Map.of("to", Attribute.of(DataType.FLOAT.code())), stored);
    };
  }
}
