package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.SparseTensor;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The specification's own sparse form: 8 bytes for the position of each value. Decoded by the
 * runtime while it reads the file.
 */
record SparseEncoding(int nonzero, int width) implements Encoding {
  /** The IR version that brought {@code sparse_initializer}. */
  static final long IR_VERSION = 5;

  @Override
  public String name() {
    return "sparse_initializer";
  }

  @Override
  public long byteSize() {
    return (long) nonzero * (Long.BYTES + width);
  }

  @Override
  public int nodes() {
    return 0;
  }

  @Override
  public int parts() {
    return 2;
  }

  @Override
  public long opset() {
    return 1;
  }

  @Override
  public long scratchBytes() {
    return byteSize();
  }

  @Override
  public Decoding encode(Tensor tensor) {
    ByteBuffer values = little(width);
    ByteBuffer positions = little(Long.BYTES);
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          positions.putLong(index);
          Cells.put(values, width, bits);
        });
    Shape count = Shape.of(nonzero);
    Tensor sparse =
        new SparseTensor(
            tensor.shape(),
            new ArrayTensor(tensor.dataType(), count, values.flip()),
            new ArrayTensor(DataType.INT64, count, positions.flip()));
    return (nodes, weight) -> weight.setInitializer(sparse);
  }

  private ByteBuffer little(int size) {
    return ByteBuffer.allocate(Math.multiplyExact(nonzero, size)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
