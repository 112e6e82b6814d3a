package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * As {@link GapEncoding}, row by row along axis 1: every row has as many entries, the zeros among
 * them wherever there is room. Larger, and lighter to decode: onnxruntime puts the entries straight
 * into the weight, by CumSum and ScatterElements along the axis.
 *
 * @param perRow entries of each row
 */
record RowGapEncoding(Shape shape, int perRow, ValueCode values) implements Encoding {
  private static final int LONGEST = 255;

  /**
   * The encoding of a weight of two axes or more; its entries may be more than its elements.
   *
   * @param code of so many values, or of those with a zero among them
   */
  static RowGapEncoding of(Tensor weight, ValueCode code) {
    Shape shape = weight.shape();
    long columns = shape.dim(1);
    long inner = shape.elements(2, shape.rank());
    int[] entries = new int[Math.toIntExact(shape.dim(0) * inner)];
    int[] previous = new int[entries.length];
    Cells.forEachNonzero(
        weight,
        (index, bits) -> {
          int row = (int) (index / (columns * inner) * inner + index % inner);
          int column = (int) (index / inner % columns);
          entries[row] += 1 + Math.max(0, column - previous[row] - 1) / LONGEST;
          previous[row] = column;
        });
    return new RowGapEncoding(shape, Arrays.stream(entries).max().orElse(0), code);
  }

  private Shape entryShape() {
    long[] dims = shape.dims();
    dims[1] = perRow;
    return Shape.of(dims);
  }

  long entries() {
    return entryShape().elements();
  }

  @Override
  public String name() {
    return values.name().isEmpty() ? "row gaps" : "row gaps, " + values.name();
  }

  @Override
  public long byteSize() {
    return entries() + values.byteSize(entries());
  }

  @Override
  public int nodes() {
    return 4 + values.nodes(entries());
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
    return 9L * entries() + values.scratchBytes(entries());
  }

  @Override
  public Optional<Shape> zeros() {
    return Optional.of(shape);
  }

  @Override
  public Decoding encode(Tensor tensor) {
    ByteBuffer elements = tensor.bytes().order(ByteOrder.LITTLE_ENDIAN);
    byte[] gaps = new byte[Math.toIntExact(entries())];
    ValueCode.Column column = values.column(tensor.dataType(), gaps.length);
    int columns = (int) shape.dim(1);
    int inner = (int) shape.elements(2, shape.rank());
    boolean[] nonzero = new boolean[Math.toIntExact(shape.elements())];
    Cells.forEachNonzero(tensor, (index, bits) -> nonzero[(int) index] = true);
    int[] entries = new int[perRow * inner];
    for (int outer = 0; outer < shape.dim(0); outer++) {
      for (int i = 0; i < inner; i++) {
        int start = outer * columns * inner + i;
        int[] places = places(nonzero, start, columns, inner);
        int previous = 0;
        for (int entry = 0; entry < perRow; entry++) {
          int place = places[entry];
          gaps[(outer * perRow + entry) * inner + i] = (byte) (place - previous);
          entries[entry * inner + i] = start + place * inner;
          previous = place;
        }
      }
      for (int entry : entries) {
        column.add(entry, Cells.get(elements, values.width(), entry));
      }
    }
    return (nodes, weight) -> write(nodes, weight, tensor, gaps, column);
  }

  /** Where the entries of a row lie along it. */
  private int[] places(boolean[] nonzero, int start, int columns, int step) {
    boolean[] taken = new boolean[columns];
    int count = 0;
    int previous = 0;
    for (int at = 0; at < columns; at++) {
      if (nonzero[start + at * step]) {
        for (; at - previous > LONGEST; count++) {
          previous += LONGEST;
          taken[previous] = true;
        }
        taken[at] = true;
        previous = at;
        count++;
      }
    }
    for (int at = 0; count < perRow; at++) {
      count += taken[at] ? 0 : 1;
      taken[at] = true;
    }
    int[] places = new int[count];
    for (int at = 0, entry = 0; entry < count; at++) {
      if (taken[at]) {
        places[entry++] = at;
      }
    }
    return places;
  }

  private void write(
      DecodingNodes nodes, Value weight, Tensor tensor, byte[] gaps, ValueCode.Column column) {
    nodes.begin(weight);
    Shape shape = entryShape();
    Tensor packed = new ArrayTensor(DataType.UINT8, shape, ByteBuffer.wrap(gaps));
    Value steps = nodes.cast(nodes.part("gaps", packed), DataType.INT32);
    Value places = nodes.call("CumSum", steps, nodes.int32(1));
    Value zeros = nodes.zeros(tensor.dataType(), tensor.shape().dims());
    Value entries = column.write(nodes, shape);
    Map<String, Attribute> along = Map.of("axis", Attribute.of(1));
    nodes.last("ScatterElements", along, zeros, places, entries);
  }
}
