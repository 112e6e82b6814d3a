package io.espalier.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a mask does to a weight; every element is read and checked to be finite. */
final class Tally {
  private static final int STRETCH = 1 << 21;

  private Tally() {}

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
      int firstWord = (int) (from + done >>> 6);
      long found = 0;
      long kept = 0;
      for (int i = 0; i < words; i++) {
        found += Long.bitCount(nonzero[i]);
        kept += Long.bitCount(nonzero[i] & mask.word(firstWord + i));
      }
      before.add(found);
      after.add(kept);
    }
  }
}
