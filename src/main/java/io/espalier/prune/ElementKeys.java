package io.espalier.prune;

/**
 * Reads the scores of single elements as keys: non-negative integers in the order of the scores. An
 * instance has buffers of its own and belongs to one thread.
 */
interface ElementKeys {
  /** Reads {@code count} 31-bit keys from element {@code from} on. */
  void ints(long from, int count, int[] into);

  /**
   * Reads {@code count} 63-bit keys from element {@code from} on. Magnitudes are the bits of the
   * magnitude as a float64.
   */
  void longs(long from, int count, long[] into, int offset);
}
