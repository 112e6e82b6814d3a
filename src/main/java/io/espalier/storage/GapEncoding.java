package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Optional;

/**
 * The elements that are not zero and the distance of each from the one before it, as Deep
 * Compression (Han et al. 2016) has them. Where a distance does not fit, elements that are zero
 * stand between. Decoded by CumSum and ScatterND.
 *
 * @param entries elements that are laid down
 * @param distances below their radix
 */
record GapEncoding(Shape shape, int entries, Digits distances, ValueCode values)
    implements Encoding {

  @Override
  public String name() {
    return values.name().isEmpty() ? "gaps" : "gaps, " + values.name();
  }

  @Override
  public long byteSize() {
    return distances.byteSize(entries) + values.byteSize(entries);
  }

  @Override
  public int nodes() {
    return distances.nodes(entries)
        + values.nodes(entries)
        + (shape.rank() == 1 ? 2 : isFlat() ? 3 : 4);
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
    long perEntry = distances.scratchBytes(Long.BYTES) + Long.BYTES + values.scratchBytes();
    long flat = shape.elements() * values.width();
    return perEntry * entries + (isFlat() ? flat : indexBytes());
  }

  @Override
  public Optional<Shape> zeros() {
    return Optional.of(isFlat() ? Shape.of(shape.elements()) : shape);
  }

  private long indexBytes() {
    return shape.rank() == 1 ? 0 : 16L * shape.rank() * entries;
  }

  /** Whether the elements are put together in one row first, since indices would be larger. */
  private boolean isFlat() {
    return indexBytes() > shape.elements() * values.width();
  }

  @Override
  public Decoding encode(Tensor tensor) {
    byte[] gaps = new byte[entries];
    ValueCode.Column column = values.column(tensor.dataType(), entries);
    Cells.forEachNonzero(tensor, new Laying(gaps, column, distances.radix() - 1));
    return (nodes, weight) -> {
      nodes.begin(weight);
      Tensor packed = distances.pack(gaps, entries);
      Tensor cells = distances.perCell() == 1 ? column(packed) : packed;
      Value steps =
          distances.unpack(nodes, nodes.part("gaps", cells), entries, DataType.INT64, -1, 1);
      Value positions = nodes.call("CumSum", steps, nodes.firstAxis());
      if (isFlat()) {
        Value zeros = nodes.zeros(tensor.dataType(), shape.elements());
        Value flat = nodes.call("ScatterND", zeros, positions, column.write(nodes));
        nodes.last("Reshape", Map.of(), flat, nodes.ints(shape.dims()));
      } else {
        Value zeros = nodes.zeros(tensor.dataType(), shape.dims());
        Value indices = indices(nodes, positions);
        nodes.last("ScatterND", Map.of(), zeros, indices, column.write(nodes));
      }
    };
  }

  private static Tensor column(Tensor cells) {
    return new ArrayTensor(cells.dataType(), Shape.of(cells.shape().elements(), 1), cells.bytes());
  }

  /** An index for each axis out of row-major positions: those over the strides, modulo the dims. */
  private Value indices(DecodingNodes nodes, Value positions) {
    if (shape.rank() == 1) {
      return positions;
    }
    long[] strides = new long[shape.rank()];
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = shape.elements(axis + 1, shape.rank());
    }
    Value quotients = nodes.call("Div", positions, nodes.ints(strides));
    return nodes.call("Mod", quotients, nodes.ints(shape.dims()));
  }

  /** Lays down one element after the other. */
  private static final class Laying implements Cells.Sink {
    private final byte[] gaps;
    private final ValueCode.Column column;
    private final int longest;
    private long previous;
    private int at;

    Laying(byte[] gaps, ValueCode.Column column, int longest) {
      this.gaps = gaps;
      this.column = column;
      this.longest = longest;
    }

    @Override
    public void accept(long index, long bits) {
      long gap = index - previous;
      for (; gap > longest; gap -= longest) {
        gaps[at++] = (byte) longest;
        column.add(0);
      }
      gaps[at++] = (byte) gap;
      column.add(bits);
      previous = index;
    }
  }
}
