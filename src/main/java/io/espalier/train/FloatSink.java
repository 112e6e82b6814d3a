package io.espalier.train;

import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Where updated weights are published to, a stretch at a time; several threads may write different
 * stretches at once.
 */
@FunctionalInterface
public interface FloatSink {
  /** Publishes nothing. */
  FloatSink NONE = (weights, from, to) -> {};

  /** Publishes elements {@code from} to {@code to} of {@code weights} at their places. */
  void write(float[] weights, int from, int to);

  /** Into a float32 buffer, whatever its position. */
  static FloatSink of(FloatBuffer buffer) {
    return (weights, from, to) -> buffer.put(from, weights, from, to - from);
  }

  /**
   * Into a buffer of 16-bit floats, rounded to the nearest, ties to even.
   *
   * @param type float16 or bfloat16
   */
  static FloatSink of(ShortBuffer buffer, DataType type) {
    return switch (type) {
      case FLOAT16 ->
          (weights, from, to) -> {
            for (int i = from; i < to; i++) {
              buffer.put(i, Floats.toFloat16(weights[i]));
            }
          };
      case BFLOAT16 ->
          (weights, from, to) -> {
            for (int i = from; i < to; i++) {
              buffer.put(i, Floats.toBfloat16(weights[i]));
            }
          };
      default -> throw new IllegalArgumentException("expected a 16-bit float type, got " + type);
    };
  }
}
