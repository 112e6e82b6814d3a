package io.espalier.prune;

/**
 * A stretch of units' keys in memory, with the loops that a selection runs over it. Belongs to one
 * thread.
 */
interface Keys {
  /** The most keys of one stretch; a multiple of 64. */
  int CAPACITY = 1 << 14;

  /** Reads the stretch of {@code count} keys that begins at unit {@code from}. */
  void load(long from, int count);

  /** Bits of a key that may be set: 31 or 63. */
  int bits();

  /**
   * Counts in {@code histogram}, whose length is a power of two, the digits that begin at bit
   * {@code shift}, of the keys whose bits above that digit equal {@code prefix}.
   */
  void countDigits(long prefix, int shift, int[] histogram);

  /**
   * Adds the units to {@code contest}, the first of which is {@code firstUnit}, whose keys have
   * {@code prefix} above bit {@code shift}.
   */
  void collect(long prefix, int shift, long firstUnit, Contest contest);

  /** The number of keys that are not 0. */
  int countPositive();

  /** The number of keys that equal {@code key}. */
  int countEqual(long key);

  /**
   * Writes a bit per key to {@code words} from index {@code first} on: whether it is greater than
   * {@code bound}, which may be -1.
   */
  void markGreater(long bound, long[] words, int first);

  /** Sets the bits of the first {@code count} keys that equal {@code key}. */
  void markFirstEqual(long key, int count, long[] words, int first);
}
