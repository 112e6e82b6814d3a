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
 * @param cell what holds them: uint8; int64, whose words hold 63 bits; or uint4, one number each
 */
record Digits(int radix, int perCell, DataType cell) {
  /** The opset that brought uint4, which a Cast unpacks. */
  private static final long UINT4_SINCE = 21;

  /** What a node and its names take in a file, roughly. */
  private static final int NODE_BYTES = 60;

  /** Numbers of a radix up to 256, one to a byte: what other compressors do best with. */
  static Digits bytes(int radix) {
    return new Digits(radix, 1, DataType.UINT8);
  }

  /** The layout in which {@code count} numbers below {@code radix} take the fewest bytes. */
  static Digits densest(int radix, long count, long opset) {
    int perByte = radix <= 2 ? 8 : radix <= 4 ? 4 : radix <= 16 ? 2 : 1;
    boolean halves = perByte == 2 && opset >= UINT4_SINCE;
    Digits bytes =
        halves ? new Digits(radix, 1, DataType.UINT4) : new Digits(radix, perByte, DataType.UINT8);
    Digits words = new Digits(radix, perWord(radix), DataType.INT64);
    return words.fileBytes(count) < bytes.fileBytes(count) ? words : bytes;
  }

  private static int perWord(int radix) {
    int digits = 0;
    for (long rest = Long.MAX_VALUE; rest >= radix - 1; rest = (rest - (radix - 1)) / radix) {
      digits++;
    }
    return digits;
  }

  boolean inWords() {
    return cell == DataType.INT64;
  }

  /** The first opset whose operators unpack it. */
  long opset() {
    return cell == DataType.UINT4 ? UINT4_SINCE : perCell == 1 ? 6 : 11;
  }

  private long cells(long count) {
    return (count + perCell - 1) / perCell;
  }

  long byteSize(long count) {
    return cell.byteSize(cells(count));
  }

  private long fileBytes(long count) {
    return byteSize(count) + (long) nodes(count) * NODE_BYTES;
  }

  /** Nodes that {@link #write} emits for {@code count} numbers, or one less; of rank 1, or 2. */
  int nodes(long count) {
    return perCell == 1 ? 1 : count % perCell == 0 ? 4 : 5;
  }

  /** Bytes that onnxruntime holds for each number that it unpacks. */
  long scratchPerNumber(DataType type) {
    int width = type.bits() / 8;
    if (perCell == 1) {
      return width;
    }
    return inWords() ? 16 + 2L * width : 4 + width;
  }

  private Tensor pack(byte[] numbers) {
    int cells = Math.toIntExact(cells(numbers.length));
    ByteBuffer bytes =
        ByteBuffer.allocate(cells * (inWords() ? Long.BYTES : 1)).order(ByteOrder.LITTLE_ENDIAN);
    int weight = inWords() ? radix : 1 << 8 / perCell;
    for (int cell = 0; cell < cells; cell++) {
      long packed = 0;
      for (int digit = perCell - 1; digit >= 0; digit--) {
        long at = (long) digit * cells + cell;
        packed = packed * weight + (at < numbers.length ? numbers[(int) at] & 0xff : 0);
      }
      if (inWords()) {
        bytes.putLong(packed);
      } else {
        bytes.put((byte) packed);
      }
    }
    return new ArrayTensor(cell, Shape.of(cells), bytes.flip());
  }

  private static Tensor halves(byte[] numbers, Shape shape) {
    byte[] bytes = new byte[(numbers.length + 1) / 2];
    for (int i = 0; i < numbers.length; i++) {
      bytes[i / 2] |= (byte) (numbers[i] << 4 * (i % 2));
    }
    return new ArrayTensor(DataType.UINT4, shape, ByteBuffer.wrap(bytes));
  }

  /**
   * Lays down numbers as a part, and emits what makes integers of them.
   *
   * @param numbers each taken as unsigned
   * @param type int32 or int64
   */
  Value write(DecodingNodes nodes, String role, byte[] numbers, DataType type, Shape shape) {
    if (perCell == 1) {
      Tensor plain = cell == DataType.UINT4 ? halves(numbers, shape) : uint8(shape, numbers);
      return nodes.cast(nodes.part(role, plain), type);
    }
    Value cells = nodes.part(role, pack(numbers));
    if (inWords()) {
      return arranged(nodes, wordDigits(nodes, cells, type), numbers.length, shape);
    }
    Value digits = arranged(nodes, byteDigits(nodes, cells), numbers.length, shape);
    return nodes.cast(digits, type); // last, since bytes are the smallest to move
  }

  private Value arranged(DecodingNodes nodes, Value digits, int count, Shape shape) {
    long[] dims = shape.dims();
    long padded = cells(count) * perCell;
    boolean whole = padded % Math.max(1, shape.elements(1, shape.rank())) == 0;
    long[] open = whole ? shape.dims() : new long[] {-1};
    open[0] = -1;
    Value flat = nodes.call("Reshape", digits, nodes.ints(open));
    if (padded == count) {
      return flat;
    }
    long end = whole ? dims[0] : count;
    Value cut = nodes.call("Slice", flat, nodes.ints(0), nodes.ints(end));
    return whole ? cut : nodes.call("Reshape", cut, nodes.ints(dims));
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
