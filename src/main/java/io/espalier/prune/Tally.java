package io.espalier.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a mask does to a weight. */
final class Tally {
  private static final int STRETCH = 1 << 21;

  private Tally() {}

  /**
   * Without reading the weight: where the mask keeps the greatest magnitudes, zeros go first.
   *
   * @param nonzero elements that are not zero now
   */
  static PrunedWeight ofGreatest(Weight weight, Mask mask, double requested, long nonzero) {
    return new PrunedWeight(weight, mask, requested, nonzero, Math.min(mask.countKept(), nonzero));
  }

  /** Reads every element, and checks that it is finite. */
  static PrunedWeight count(Weight weight, Mask mask, double requested, Workers workers) {
    List<Long> stretches = new ArrayList<>();
    for (long from = 0; from < weight.elements(); from += STRETCH) {
      stretches.add(from);
    }
    LongAdder before = new LongAdder();
    LongAdder after = new LongAdder();
    Workers.each(
        stretches,
        from -> {
          int count = (int) Math.min(STRETCH, weight.elements() - from);
          count(weight, mask, from, count, before, after);
          workers.advance(count);
        });
    return new PrunedWeight(weight, mask, requested, before.sum(), after.sum());
  }

  private static void count(
      Weight weight, Mask mask, long from, int count, LongAdder before, LongAdder after) {
    int capacity = Math.min(Keys.CAPACITY, count);
    ElementScores magnitudes = new ElementScores(weight, Criterion.L1, 0);
    Keys keys = magnitudes.keys(magnitudes.wide(), capacity);
    long[] nonzero = Mask.emptyWords(capacity);
    for (int done = 0; done < count; done += capacity) {
      int length = Math.min(capacity, count - done);
      keys.load(from + done, length);
      keys.markGreater(0, nonzero, 0);
      int words = length + 63 >>> 6;
      before.add(countBits(nonzero, words));
      after.add(countBits(nonzero, words, mask, (int) (from + done >>> 6)));
    }
  }

  private static long countBits(long[] bits, int words) {
    long count = 0;
    for (int i = 0; i < words; i++) {
      count += Long.bitCount(bits[i]);
    }
    return count;
  }

  private static long countBits(long[] bits, int words, Mask mask, int firstWord) {
    long count = 0;
    for (int i = 0; i < words; i++) {
      count += Long.bitCount(bits[i] & mask.word(firstWord + i));
    }
    return count;
  }
}
