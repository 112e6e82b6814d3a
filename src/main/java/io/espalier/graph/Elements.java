package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * The elements of numeric tensors as {@code double}s, by index. Booleans are 0 and 1; integers
 * beyond 2^53 are rounded.
 */
public final class Elements {
  private Elements() {}

  /**
   * Reads the elements of {@code tensor}; absent where they are not numbers of 8 bits or more
   * (complex, packed, strings, 8-bit floats).
   *
   * @throws UnsupportedModelException from 2 GiB on
   */
  public static Optional<IntToDoubleFunction> of(Tensor tensor) {
    if (!isNumber(tensor.dataType())) {
      return Optional.empty();
    }
    ByteBuffer bytes = tensor.bytes();
    return Optional.of(
        switch (tensor.dataType()) {
          case FLOAT -> {
            FloatBuffer floats = bytes.asFloatBuffer();
            yield floats::get;
          }
          case DOUBLE -> i -> bytes.getDouble(8 * i);
          case FLOAT16 -> i -> Floats.fromFloat16(bytes.getShort(2 * i));
          case BFLOAT16 -> i -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
          case INT8 -> bytes::get;
          case UINT8 -> i -> bytes.get(i) & 0xff;
          case BOOL -> i -> bytes.get(i) == 0 ? 0 : 1;
          case INT16 -> i -> bytes.getShort(2 * i);
          case UINT16 -> i -> bytes.getShort(2 * i) & 0xffff;
          case INT32 -> i -> bytes.getInt(4 * i);
          case UINT32 -> i -> Integer.toUnsignedLong(bytes.getInt(4 * i));
          case INT64 -> i -> bytes.getLong(8 * i);
          default -> i -> unsigned(bytes.getLong(8 * i));
        });
  }

  /** Whether {@link #of} and {@link #tensor} know the type. */
  public static boolean isNumber(DataType type) {
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16, BOOL -> true;
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 -> true;
      default -> false;
    };
  }

  /**
   * A tensor of computed elements. Floats are rounded to the nearest, integers towards zero and cut
   * off at the ends of their range; booleans are true for anything but 0.
   *
   * @param element the element at a row-major index
   * @throws IllegalArgumentException if elements of {@code type} are not numbers
   */
  public static ArrayTensor tensor(DataType type, Shape shape, IntToDoubleFunction element) {
    if (!isNumber(type)) {
      throw new IllegalArgumentException("expected a type of numbers, got " + type);
    }
    int count = Math.toIntExact(shape.elements());
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.byteSize(count))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      put(bytes, type, element.applyAsDouble(i));
    }
    return new ArrayTensor(type, shape, bytes.flip());
  }

  private static void put(ByteBuffer bytes, DataType type, double value) {
    switch (type) {
      case FLOAT -> bytes.putFloat((float) value);
      case DOUBLE -> bytes.putDouble(value);
      case FLOAT16 -> bytes.putShort(Floats.toFloat16((float) value));
      case BFLOAT16 -> bytes.putShort(Floats.toBfloat16((float) value));
      case BOOL -> bytes.put((byte) (value != 0 ? 1 : 0));
      case INT8 -> bytes.put((byte) clamp(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> bytes.put((byte) clamp(value, 0, 0xff));
      case INT16 -> bytes.putShort((short) clamp(value, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT16 -> bytes.putShort((short) clamp(value, 0, 0xffff));
      case INT32 -> bytes.putInt((int) value);
      case UINT32 -> bytes.putInt((int) clamp(value, 0, 0xffffffffL));
      case INT64 -> bytes.putLong((long) value);
      default -> bytes.putLong(value < 0x1p63 ? (long) Math.max(value, 0) : signed(value - 0x1p63));
    }
  }

  private static long clamp(double value, long smallest, long largest) {
    return Math.max(smallest, Math.min(largest, (long) value));
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : value + 0x1p64;
  }

  private static long signed(double above) {
    return (long) above ^ Long.MIN_VALUE;
  }
}
