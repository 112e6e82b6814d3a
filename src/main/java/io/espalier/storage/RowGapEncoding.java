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
 * As {@link GapEncoding}, row by row of a matrix: every row has as many entries, the zeros among
 * them wherever there is room. Larger, and lighter to decode: onnxruntime puts the entries straight
 * into the matrix, by CumSum and ScatterElements along its rows.
 *
 * @param perRow entries of each row
 */
record RowGapEncoding(int rows, int columns, int perRow, ValueCode values) implements Encoding {
  private static final int LONGEST = 255;

  /**
   * The encoding of a matrix; its entries may be more than its elements.
   *
   * @param code of so many values, or of those with a zero among them
   */
  static RowGapEncoding of(Tensor matrix, ValueCode code) {
    int rows = (int) matrix.shape().dim(0);
    int columns = (int) matrix.shape().dim(1);
    int[] entries = new int[rows];
    int[] previous = new int[rows];
    Cells.forEachNonzero(
        matrix,
        (index, bits) -> {
          int row = (int) (index / columns);
          int column = (int) (index % columns);
          entries[row] += 1 + Math.max(0, column - previous[row] - 1) / LONGEST;
          previous[row] = column;
        });
    return new RowGapEncoding(rows, columns, Arrays.stream(entries).max().orElse(0), code);
  }

  private long entries() {
    return (long) rows * perRow;
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
    return 3 + values.nodes(entries()) + (isRaw() ? 0 : 1);
  }

  private boolean isRaw() {
    return values instanceof ValueCode.Raw;
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
    int shaped = isRaw() ? 0 : values.width();
    return (9L + values.scratchBytes() + shaped) * entries();
  }

  @Override
  public Optional<Shape> zeros() {
    return Optional.of(Shape.of(rows, columns));
  }

  @Override
  public Decoding encode(Tensor tensor) {
    ByteBuffer elements = tensor.bytes().order(ByteOrder.LITTLE_ENDIAN);
    byte[] gaps = new byte[Math.toIntExact(entries())];
    ValueCode.Column column = values.column(tensor.dataType(), gaps.length);
    for (int row = 0; row < rows; row++) {
      encode(elements, row, gaps, column);
    }
    return (nodes, weight) -> write(nodes, weight, tensor, gaps, column);
  }

  private void encode(ByteBuffer elements, int row, byte[] gaps, ValueCode.Column column) {
    int width = values.width();
    boolean[] taken = new boolean[columns];
    int count = 0;
    int previous = 0;
    for (int at = 0; at < columns; at++) {
      if (bits(elements, row * columns + at, width) != 0) {
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
    int entry = row * perRow;
    previous = 0;
    for (int at = 0; at < columns; at++) {
      if (taken[at]) {
        gaps[entry++] = (byte) (at - previous);
        column.add(bits(elements, row * columns + at, width));
        previous = at;
      }
    }
  }

  private static long bits(ByteBuffer elements, int index, int width) {
    return switch (width) {
      case 1 -> elements.get(index);
      case 2 -> elements.getShort(2 * index);
      case 4 -> elements.getInt(4 * index);
      default -> elements.getLong(8 * index);
    };
  }

  private void write(
      DecodingNodes nodes, Value weight, Tensor tensor, byte[] gaps, ValueCode.Column column) {
    nodes.begin(weight);
    Shape shape = Shape.of(rows, perRow);
    Tensor packed = new ArrayTensor(DataType.UINT8, shape, ByteBuffer.wrap(gaps));
    Value steps = nodes.cast(nodes.part("gaps", packed), DataType.INT32);
    Value places = nodes.call("CumSum", steps, nodes.axis(1));
    Value zeros = nodes.zeros(tensor.dataType(), rows, columns);
    Value entries =
        isRaw()
            ? column.write(nodes, shape)
            : nodes.call("Reshape", column.write(nodes), nodes.ints(shape.dims()));
    Map<String, Attribute> alongRows = Map.of("axis", Attribute.of(1));
    nodes.last("ScatterElements", alongRows, zeros, places, entries);
  }
}
