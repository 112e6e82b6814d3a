package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Numbers below a radix, several of them to a byte or to a word of 63 bits. Number {@code i} of
 * {@code n} is digit {@code i / m} of cell {@code i mod m}, where {@code m} is the number of cells:
 * laid out so, operators that broadcast unpack whole rows at once.
 *
 * @param radix 2 to 256
 * @param perCell numbers in one cell
 * @param inWords whether cells are words (int64), not bytes (uint8)
 */
record Digits(int radix, int perCell, boolean inWords) {
  /** Numbers of a radix up to 256, one to a byte: what other compressors do best with. */
  static Digits bytes(int radix) {
    return new Digits(radix, 1, false);
  }

  /** The layout in which {@code count} numbers below {@code radix} take the fewest bytes. */
  static Digits densest(int radix, long count) {
    int perByte = radix <= 2 ? 8 : radix <= 4 ? 4 : radix <= 16 ? 2 : 1;
    Digits bytes = new Digits(radix, perByte, false);
    Digits words = new Digits(radix, perWord(radix), true);
    return words.byteSize(count) < bytes.byteSize(count) ? words : bytes;
  }

  private static int perWord(int radix) {
    int digits = 0;
    for (long rest = Long.MAX_VALUE; rest >= radix - 1; rest = (rest - (radix - 1)) / radix) {
      digits++;
    }
    return digits;
  }

  long cells(long count) {
    return (count + perCell - 1) / perCell;
  }

  long byteSize(long count) {
    return cells(count) * (inWords ? Long.BYTES : 1);
  }

  /** Nodes that {@link #unpack} emits for {@code count} numbers. */
  int nodes(long count) {
    return perCell == 1 ? 1 : count % perCell == 0 ? 4 : 5;
  }

  /** The cells of {@code numbers}, each taken as unsigned. */
  Tensor pack(byte[] numbers, int count) {
    int cells = Math.toIntExact(cells(count));
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(byteSize(count))).order(ByteOrder.LITTLE_ENDIAN);
    int weight = inWords ? radix : 1 << 8 / perCell;
    for (int cell = 0; cell < cells; cell++) {
      long packed = 0;
      for (int digit = perCell - 1; digit >= 0; digit--) {
        long at = (long) digit * cells + cell;
        packed = packed * weight + (at < count ? numbers[(int) at] & 0xff : 0);
      }
      if (inWords) {
        bytes.putLong(packed);
      } else {
        bytes.put((byte) packed);
      }
    }
    DataType type = inWords ? DataType.INT64 : DataType.UINT8;
    return new ArrayTensor(type, Shape.of(cells), bytes.flip());
  }

  /**
   * Bytes of what {@link #unpack} computes on the way, for each of the numbers that come out as
   * integers of {@code width} bytes.
   */
  int scratchBytes(int width) {
    return perCell == 1 ? width : inWords ? 16 + 2 * width : 4 + width;
  }

  /**
   * Emits what makes {@code count} integers out of cells.
   *
   * @param type int32 or int64
   * @param shape -1 for rank 1; -1 and 1 for a column
   */
  Value unpack(DecodingNodes nodes, Value cells, long count, DataType type, long... shape) {
    if (perCell == 1) {
      return nodes.cast(cells, type);
    }
    Value digits = inWords ? wordDigits(nodes, cells, type) : byteDigits(nodes, cells);
    Value flat = nodes.call("Reshape", digits, nodes.ints(shape));
    Value all =
        count % perCell == 0 ? flat : nodes.call("Slice", flat, nodes.ints(0), nodes.ints(count));
    return inWords ? all : nodes.cast(all, type); // last, since bytes are the smallest to move
  }

  private Value wordDigits(DecodingNodes nodes, Value cells, DataType type) {
    long[] powers = new long[perCell];
    powers[0] = 1;
    for (int i = 1; i < perCell; i++) {
      powers[i] = powers[i - 1] * radix;
    }
    Value column = nodes.constant(ArrayTensor.of(Shape.of(perCell, 1), powers));
    Value shifted = nodes.call("Div", cells, column);
    Value radixes = nodes.constant(ArrayTensor.of(Shape.of(), (long) radix));
    Value digits = nodes.call("Mod", shifted, radixes);
    return type == DataType.INT64 ? digits : nodes.cast(digits, type);
  }

  private Value byteDigits(DecodingNodes nodes, Value cells) {
    int bits = 8 / perCell;
    byte[] shifts = new byte[perCell];
    for (int i = 0; i < perCell; i++) {
      shifts[i] = (byte) (i * bits);
    }
    Value column = nodes.constant(uint8(Shape.of(perCell, 1), shifts));
    Value shifted =
        nodes.call("BitShift", Map.of("direction", Attribute.of("RIGHT")), cells, column);
    Value radixes = nodes.constant(uint8(Shape.of(), (byte) (1 << bits)));
    return nodes.call("Mod", shifted, radixes);
  }

  private static Tensor uint8(Shape shape, byte... numbers) {
    return new ArrayTensor(DataType.UINT8, shape, ByteBuffer.wrap(numbers));
  }
}
