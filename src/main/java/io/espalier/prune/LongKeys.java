package io.espalier.prune;

/** Keys of 63 bits. */
final class LongKeys implements Keys {
  private final Source source;
  private final long[] keys;
  private int count;

  /** Reads {@code count} keys from unit {@code from} on into the beginning of {@code into}. */
  @FunctionalInterface
  interface Source {
    void read(long from, int count, long[] into);
  }

  /** Stretches of {@code source}, of at most {@code capacity} keys. */
  LongKeys(Source source, int capacity) {
    this.source = source;
    this.keys = new long[capacity];
  }

  @Override
  public void load(long from, int count) {
    this.count = count;
    source.read(from, count, keys);
  }

  @Override
  public int bits() {
    return 63;
  }

  @Override
  public void countDigits(long prefix, int shift, int[] histogram) {
    int digitBits = Integer.numberOfTrailingZeros(histogram.length);
    if (shift + digitBits >= bits()) {
      countLeading(keys, count, shift, histogram);
    } else {
      countFollowing(keys, count, prefix, shift, digitBits, histogram);
    }
  }

  @Override
  public void collect(long prefix, int shift, long firstUnit, Contest contest) {
    for (int i = 0; i < count; i++) {
      if (keys[i] >>> shift == prefix) {
        contest.add(firstUnit + i, keys[i]);
      }
    }
  }

  @Override
  public int countPositive() {
    return count - countEqual(0);
  }

  @Override
  public int countEqual(long key) {
    int equal = 0;
    for (int i = 0; i < count; i++) {
      equal += keys[i] == key ? 1 : 0;
    }
    return equal;
  }

  @Override
  public void markGreater(long bound, long[] words, int first) {
    for (int i = 0; i < count; i += 64) {
      int length = Math.min(64, count - i);
      long word = 0;
      for (int j = 0; j < length; j++) {
        word |= (bound - keys[i + j] >>> 63) << j;
      }
      words[first + (i >>> 6)] = word;
    }
  }

  @Override
  public void markFirstEqual(long key, int limit, long[] words, int first) {
    int left = limit;
    for (int i = 0; i < count && left > 0; i++) {
      if (keys[i] == key) {
        words[first + (i >>> 6)] |= 1L << i;
        left--;
      }
    }
  }

  private static void countLeading(long[] keys, int count, int shift, int[] histogram) {
    for (int i = 0; i < count; i++) {
      histogram[(int) (keys[i] >>> shift)]++;
    }
  }

  private static void countFollowing(
      long[] keys, int count, long prefix, int shift, int digitBits, int[] histogram) {
    int mask = histogram.length - 1;
    for (int i = 0; i < count; i++) {
      long digits = keys[i] >>> shift;
      if (digits >>> digitBits == prefix) {
        histogram[(int) digits & mask]++;
      }
    }
  }
}
