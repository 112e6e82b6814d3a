package io.espalier.prune;

import java.util.Arrays;

/** Keys of 31 bits. */
final class IntKeys implements Keys {
  private final ElementKeys source;
  private final int[] keys;
  private final int[] scratch;
  private int count;

  /** Stretches of {@code source}, of at most {@code capacity} keys. */
  IntKeys(ElementKeys source, int capacity) {
    this.source = source;
    this.keys = new int[capacity];
    this.scratch = new int[capacity + 63 & -64];
  }

  @Override
  public void load(long from, int count) {
    this.count = count;
    source.ints(from, count, keys);
  }

  @Override
  public int bits() {
    return 31;
  }

  @Override
  public void countDigits(long prefix, int shift, int[] histogram) {
    int digitBits = Integer.numberOfTrailingZeros(histogram.length);
    if (shift + digitBits >= bits()) {
      countLeading(keys, count, shift, histogram);
    } else {
      countFollowing(keys, count, (int) prefix, shift, digitBits, histogram);
    }
  }

  @Override
  public void collect(long prefix, int shift, long firstUnit, Contest contest) {
    int found = find(keys, count, (int) prefix, shift, scratch);
    for (int i = 0; i < found; i++) {
      contest.add(firstUnit + scratch[i], keys[scratch[i]]);
    }
  }

  @Override
  public int countPositive() {
    return countPositive(keys, count);
  }

  @Override
  public int countEqual(long key) {
    return countEqual(keys, count, (int) key);
  }

  @Override
  public void markGreater(long bound, long[] words, int first) {
    compare(keys, count, (int) bound, scratch);
    pack(scratch, count, words, first);
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

  private static void countLeading(int[] keys, int count, int shift, int[] histogram) {
    for (int i = 0; i < count; i++) {
      histogram[keys[i] >>> shift]++;
    }
  }

  private static void countFollowing(
      int[] keys, int count, int prefix, int shift, int digitBits, int[] histogram) {
    int mask = histogram.length - 1;
    for (int i = 0; i < count; i++) {
      int digits = keys[i] >>> shift;
      if (digits >>> digitBits == prefix) {
        histogram[digits & mask]++;
      }
    }
  }

  /** Writes where the keys are that begin with the prefix, and returns how many. */
  private static int find(int[] keys, int count, int prefix, int shift, int[] positions) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      if (keys[i] >>> shift == prefix) {
        positions[found++] = i;
      }
    }
    return found;
  }

  private static int countPositive(int[] keys, int count) {
    int positive = 0;
    for (int i = 0; i < count; i++) {
      positive += -keys[i] >>> 31;
    }
    return positive;
  }

  private static int countEqual(int[] keys, int count, int key) {
    int equal = 0;
    for (int i = 0; i < count; i++) {
      equal += keys[i] == key ? 1 : 0;
    }
    return equal;
  }

  /** The sign of bound - key is the bit: neither is below -1, so the difference cannot overflow. */
  private static void compare(int[] keys, int count, int bound, int[] greater) {
    for (int i = 0; i < count; i++) {
      greater[i] = bound - keys[i] >>> 31;
    }
    Arrays.fill(greater, count, greater.length, 0);
  }

  private static void pack(int[] bits, int count, long[] words, int first) {
    for (int i = 0; i < count; i += 64) {
      int low = 0;
      int high = 0;
      for (int j = 0; j < 32; j++) {
        low |= bits[i + j] << j;
        high |= bits[i + 32 + j] << j;
      }
      words[first + (i >>> 6)] = (long) high << 32 | low & 0xffffffffL;
    }
  }
}
