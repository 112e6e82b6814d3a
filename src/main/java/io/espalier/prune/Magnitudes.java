package io.espalier.prune;

import io.espalier.graph.DataType;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The magnitudes of a weight's elements as keys: the bits of a non-negative IEEE 754 number, read
 * as an integer, have the order of the numbers. Every element read is checked to be finite.
 */
final class Magnitudes implements ElementKeys {
  private static final int GREATEST = Float.floatToRawIntBits(Float.MAX_VALUE);
  private static final long WIDE_GREATEST = Double.doubleToRawLongBits(Double.MAX_VALUE);

  private final Weight weight;
  private final Tensor tensor;
  private final ByteBuffer bytes;
  private final int[] narrow;

  /** Reads {@code weight}, at most {@code capacity} elements at a time. */
  Magnitudes(Weight weight, int capacity) {
    this.weight = weight;
    this.tensor = weight.tensor();
    int width = tensor.dataType().bits() / 8;
    this.bytes = ByteBuffer.allocate(capacity * width).order(ByteOrder.LITTLE_ENDIAN);
    this.narrow = isWide(tensor.dataType()) ? new int[0] : new int[capacity];
  }

  /** Whether elements of this type need 63-bit keys. */
  static boolean isWide(DataType type) {
    return type == DataType.DOUBLE;
  }

  @Override
  public void ints(long from, int count, int[] into) {
    fill(from, count);
    int infinite =
        switch (tensor.dataType()) {
          case FLOAT -> fromFloat32(bytes, count, into);
          case FLOAT16 -> fromFloat16(bytes, count, into);
          case BFLOAT16 -> fromBfloat16(bytes, count, into);
          default -> throw new IllegalArgumentException("elements of type " + tensor.dataType());
        };
    if (infinite != 0) {
      for (int i = 0; i < count; i++) {
        requireFinite(Float.intBitsToFloat(into[i]), from + i);
      }
    }
  }

  @Override
  public void longs(long from, int count, long[] into, int offset) {
    if (isWide(tensor.dataType())) {
      fill(from, count);
      if (fromFloat64(bytes, count, into, offset) != 0) {
        for (int i = 0; i < count; i++) {
          requireFinite(Double.longBitsToDouble(into[offset + i]), from + i);
        }
      }
    } else {
      ints(from, count, narrow);
      widen(narrow, count, into, offset);
    }
  }

  private void fill(long from, int count) {
    int width = tensor.dataType().bits() / 8;
    bytes.clear().limit(count * width);
    tensor.read(from * width, bytes);
    bytes.flip();
  }

  private void requireFinite(double magnitude, long element) {
    if (!(magnitude < Double.POSITIVE_INFINITY)) {
      throw new ModelException(
          "tensor '%s', element %d: expected a finite number, got %s"
              .formatted(weight.name(), element, Double.isNaN(magnitude) ? "NaN" : "an infinity"));
    }
  }

  // The methods below return how many keys are not finite; a sum of signs is what compiles well.

  private static int fromFloat32(ByteBuffer bytes, int count, int[] keys) {
    bytes.asIntBuffer().get(keys, 0, count);
    int infinite = 0;
    for (int i = 0; i < count; i++) {
      int key = keys[i] & Integer.MAX_VALUE;
      keys[i] = key;
      infinite += GREATEST - key >>> 31;
    }
    return infinite;
  }

  /**
   * Moves exponent and fraction to where float32 has them, and scales by the biases' difference.
   */
  private static int fromFloat16(ByteBuffer bytes, int count, int[] keys) {
    int infinite = 0;
    for (int i = 0; i < count; i++) {
      int half = bytes.getShort(2 * i) & Short.MAX_VALUE;
      int key =
          half < 0x7c00
              ? Float.floatToRawIntBits(Float.intBitsToFloat(half << 13) * 0x1p112f)
              : GREATEST + 1 + (half - 0x7c00);
      keys[i] = key;
      infinite += GREATEST - key >>> 31;
    }
    return infinite;
  }

  private static int fromBfloat16(ByteBuffer bytes, int count, int[] keys) {
    int infinite = 0;
    for (int i = 0; i < count; i++) {
      int key = (bytes.getShort(2 * i) & Short.MAX_VALUE) << 16;
      keys[i] = key;
      infinite += GREATEST - key >>> 31;
    }
    return infinite;
  }

  private static long fromFloat64(ByteBuffer bytes, int count, long[] keys, int offset) {
    bytes.asLongBuffer().get(keys, offset, count);
    long infinite = 0;
    for (int i = offset; i < offset + count; i++) {
      long key = keys[i] & Long.MAX_VALUE;
      keys[i] = key;
      infinite += WIDE_GREATEST - key >>> 63;
    }
    return infinite;
  }

  private static void widen(int[] keys, int count, long[] into, int offset) {
    for (int i = 0; i < count; i++) {
      into[offset + i] = Double.doubleToRawLongBits(Float.intBitsToFloat(keys[i]));
    }
  }
}
