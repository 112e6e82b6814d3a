package io.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The elements of float tensors as Java numbers, a stretch at a time. */
public final class Floats {
  private static final int PIECE = 1 << 15;

  private Floats() {}

  /**
   * Reads {@code count} elements from element {@code from} on, each exact: float16, bfloat16 and
   * float32 widened. {@code scratch} is a little-endian buffer of at least {@code count} elements.
   *
   * @throws UnsupportedModelException if the tensor's type is not a float of 16 or 32 bits
   */
  public static void read(
      Tensor tensor, long from, float[] into, int offset, int count, ByteBuffer scratch) {
    ByteBuffer bytes = fill(tensor, from, count, scratch);
    switch (tensor.dataType()) {
      case FLOAT -> bytes.asFloatBuffer().get(into, offset, count);
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = fromFloat16(bytes.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
        }
      }
      default ->
          throw new UnsupportedModelException(
              "elements of type " + tensor.dataType() + ": expected a float of 16 or 32 bits");
    }
  }

  /** Reads {@code count} float64 elements from element {@code from} on. */
  public static void read(
      Tensor tensor, long from, double[] into, int offset, int count, ByteBuffer scratch) {
    fill(tensor, from, count, scratch).asDoubleBuffer().get(into, offset, count);
  }

  /** A little-endian buffer that {@code read} can use for up to {@code count} elements. */
  public static ByteBuffer scratch(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Double.BYTES))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer fill(Tensor tensor, long from, int count, ByteBuffer scratch) {
    int width = tensor.dataType().bits() / 8;
    scratch.clear().limit(Math.multiplyExact(count, width));
    tensor.read(Math.multiplyExact(from, width), scratch);
    return scratch.flip();
  }

  /**
   * What the elements of a tensor are.
   *
   * @param nonzero those other than 0 and -0
   * @param nonfinite infinities and NaNs; they are not zero either
   */
  public record Census(long nonzero, long nonfinite) {}

  /** The number of elements other than 0 and -0. The type is a float. */
  public static long countNonzero(Tensor tensor) {
    return census(tensor).nonzero();
  }

  /** Counts the elements of a tensor whose type is a float. */
  public static Census census(Tensor tensor) {
    int width = tensor.dataType().bits() / 8;
    long signs = Long.MAX_VALUE >>> Long.SIZE - 8 * width;
    long exponents = exponentBits(tensor.dataType());
    long elements = tensor.shape().elements();
    ByteBuffer piece = scratch((int) Math.min(PIECE, elements));
    long nonzero = 0;
    long nonfinite = 0;
    for (long done = 0; done < elements; ) {
      int next = (int) Math.min(PIECE, elements - done);
      fill(tensor, done, next, piece);
      for (int i = 0; i < next * width; i += width) {
        long bits =
            switch (width) {
              case Short.BYTES -> piece.getShort(i);
              case Integer.BYTES -> piece.getInt(i);
              default -> piece.getLong(i);
            };
        nonzero += (bits & signs) == 0 ? 0 : 1;
        nonfinite += (bits & exponents) == exponents ? 1 : 0;
      }
      done += next;
    }
    return new Census(nonzero, nonfinite);
  }

  private static long exponentBits(DataType type) {
    return switch (type) {
      case FLOAT16 -> 0x7c00;
      case BFLOAT16 -> 0x7f80;
      case FLOAT -> 0x7f800000L;
      default -> 0x7ff0000000000000L;
    };
  }

  /** The value of an IEEE 754 binary16 number. */
  public static float fromFloat16(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
        };
    return bits < 0 ? -magnitude : magnitude;
  }

  /** The binary16 number nearest to {@code value}, ties to even; infinite beyond its range. */
  public static short toFloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 65520f) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x1p-14f) {
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int rounded = (bits & 0x7fffffff) + 0xfff + (bits >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10));
  }

  /** The bfloat16 number nearest to {@code value}, ties to even. */
  public static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
