package io.espalier.train;

import java.nio.FloatBuffer;

/**
 * Where float elements are read from, a stretch at a time; several threads may read different
 * stretches at once.
 */
@FunctionalInterface
public interface FloatSource {
  /** Copies elements {@code from} to {@code to} to the same places of {@code into}. */
  void read(float[] into, int from, int to);

  /** The elements of a buffer, whatever its position. */
  static FloatSource of(FloatBuffer buffer) {
    return (into, from, to) -> buffer.get(from, into, from, to - from);
  }

  /** The elements of an array. */
  static FloatSource of(float[] array) {
    return (into, from, to) -> System.arraycopy(array, from, into, from, to - from);
  }
}
