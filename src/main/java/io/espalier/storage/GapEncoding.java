package io.espalier.storage;

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
    return 1 + values.parts();
  }

  @Override
  public long opset() {
    return Math.max(11, Math.max(distances.opset(), values.opset()));
  }

  @Override
  public long scratchBytes() {
    long perEntry = distances.scratchPerNumber(DataType.INT64) + Long.BYTES;
    long flat = shape.elements() * values.width();
    return perEntry * entries + values.scratchBytesAt(entries) + (isFlat() ? flat : indexBytes());
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
      Value steps = distances.write(nodes, "gaps", gaps, DataType.INT64, Shape.of(entries, 1));
      Value positions = nodes.call("CumSum", steps, nodes.firstAxis());
      if (isFlat()) {
        Value zeros = nodes.zeros(tensor.dataType(), shape.elements());
        Value flat = nodes.call("ScatterND", zeros, positions, values(nodes, column, positions));
        nodes.last("Reshape", Map.of(), flat, nodes.ints(shape.dims()));
      } else {
        Value zeros = nodes.zeros(tensor.dataType(), shape.dims());
        Value indices = indices(nodes, positions);
        nodes.last("ScatterND", Map.of(), zeros, indices, values(nodes, column, positions));
      }
    };
  }

  private Value values(DecodingNodes nodes, ValueCode.Column column, Value positions) {
    return column.writeAt(nodes, Shape.of(entries), positions);
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
        column.add(index, 0);
      }
      gaps[at++] = (byte) gap;
      column.add(index, bits);
      previous = index;
    }
  }
}
