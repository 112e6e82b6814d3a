package io.espalier.prune;

import java.util.Arrays;
import java.util.List;

/** Units of a stretch, in order, between whose keys a selection is still open. */
final class Contest {
  private static final int DIGIT_BITS = 8;

  private long[] units = new long[16];
  private long[] keys = new long[16];
  private int size;

  /**
   * How a contest ends.
   *
   * @param key the least key that stays
   * @param ties how many of the units with that key stay
   */
  record Outcome(long key, long ties) {}

  void add(long unit, long key) {
    if (size == units.length) {
      units = Arrays.copyOf(units, 2 * size);
      keys = Arrays.copyOf(keys, 2 * size);
    }
    units[size] = unit;
    keys[size++] = key;
  }

  /**
   * Finds what it takes to be among the {@code wanted} greatest of all contests.
   *
   * @param prefix what all keys have above bit {@code shift}
   */
  static Outcome settle(List<Contest> contests, long wanted, long prefix, int shift) {
    long known = prefix;
    long left = wanted;
    for (int from = shift; from > 0; ) {
      int bits = Math.min(DIGIT_BITS, from);
      from -= bits;
      int[] histogram = new int[1 << bits];
      for (Contest contest : contests) {
        contest.countDigits(known, from, bits, histogram);
      }
      int digit = histogram.length - 1;
      while (histogram[digit] < left) {
        left -= histogram[digit--];
      }
      known = known << bits | digit;
    }
    return new Outcome(known, left);
  }

  /**
   * Sets the bits of the units whose key is greater than {@code least}, and of the first {@code
   * ties} that equal it.
   *
   * @return what is left of {@code ties}
   */
  long mark(long least, long ties, long[] words) {
    long left = ties;
    for (int i = 0; i < size; i++) {
      if (keys[i] > least || keys[i] == least && left-- > 0) {
        words[(int) (units[i] >>> 6)] |= 1L << units[i];
      }
    }
    return Math.max(left, 0);
  }

  private void countDigits(long prefix, int shift, int bits, int[] histogram) {
    int mask = histogram.length - 1;
    for (int i = 0; i < size; i++) {
      long digits = keys[i] >>> shift;
      if (digits >>> bits == prefix) {
        histogram[(int) digits & mask]++;
      }
    }
  }
}
