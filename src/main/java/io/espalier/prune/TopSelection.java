package io.espalier.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Keeps exactly k of the units of several weights: those with the greatest scores, and of equal
 * scores those that come first. A radix select: histograms of the keys' digits, from the most
 * significant one down, find the k-th greatest key; one more pass compares with it.
 */
final class TopSelection {
  private static final int STRETCH = 1 << 21;
  private static final int MANY = 1 << 16;

  private final List<Scores> scores;
  private final Workers workers;
  private final boolean wide;
  private final int digitBits;
  private final List<Stretch> stretches = new ArrayList<>();
  private final List<long[]> kept = new ArrayList<>();

  /** Units {@code from} to {@code from + count} of the scores at {@code index}. */
  private record Stretch(int position, int index, long from, int count) {}

  private TopSelection(List<Scores> scores, Workers workers) {
    this.scores = scores;
    this.workers = workers;
    this.wide = scores.stream().anyMatch(Scores::wide);
    this.digitBits = total(scores) < MANY ? 8 : 16;
    for (int index = 0; index < scores.size(); index++) {
      long count = scores.get(index).count();
      kept.add(Mask.emptyWords(count));
      for (long from = 0; from < count; from += STRETCH) {
        int length = (int) Math.min(STRETCH, count - from);
        stretches.add(new Stretch(stretches.size(), index, from, length));
      }
    }
  }

  /**
   * Selects {@code keep} units.
   *
   * @return for each of {@code scores} a bit per unit, set where it is kept
   */
  static List<long[]> keep(long keep, List<Scores> scores, Workers workers) {
    TopSelection selection = new TopSelection(scores, workers);
    if (keep >= total(scores)) {
      for (int i = 0; i < scores.size(); i++) {
        Mask.setRange(selection.kept.get(i), 0, scores.get(i).count());
      }
    } else {
      selection.select(keep);
    }
    return selection.kept;
  }

  static long total(List<Scores> scores) {
    long total = 0;
    for (Scores one : scores) {
      total = Math.addExact(total, one.count());
    }
    return total;
  }

  private void select(long keep) {
    long prefix = 0;
    long wanted = keep;
    long found = 0;
    int keyBits = wide ? 63 : 31;
    for (int shift = (keyBits - 1) / digitBits * digitBits; shift >= 0; shift -= digitBits) {
      long[] histogram = histogram(prefix, shift);
      int digit = histogram.length - 1;
      while (histogram[digit] < wanted) {
        wanted -= histogram[digit--];
      }
      prefix = prefix << digitBits | digit;
      found = histogram[digit];
    }
    if (found == wanted) {
      mark(prefix - 1);
    } else {
      mark(prefix);
      markTies(prefix, wanted);
    }
  }

  private long[] histogram(long prefix, int shift) {
    long[] all = new long[1 << digitBits];
    Workers.each(
        stretches,
        stretch -> {
          int[] part = new int[1 << digitBits];
          forEachLoad(stretch, (keys, from) -> keys.countDigits(prefix, shift, part));
          synchronized (all) {
            for (int i = 0; i < part.length; i++) {
              all[i] += part[i];
            }
          }
        });
    return all;
  }

  private void mark(long bound) {
    Workers.each(
        stretches,
        stretch -> {
          long[] words = kept.get(stretch.index());
          forEachLoad(stretch, (keys, from) -> keys.markGreater(bound, words, (int) (from >>> 6)));
        });
  }

  /** Keeps the first {@code limit} units whose key is {@code threshold}. */
  private void markTies(long threshold, long limit) {
    long[] ties = new long[stretches.size()];
    Workers.each(
        stretches,
        stretch ->
            forEachLoad(
                stretch, (keys, from) -> ties[stretch.position()] += keys.countEqual(threshold)));
    long left = limit;
    for (int i = 0; i < ties.length; i++) {
      ties[i] = Math.min(left, ties[i]);
      left -= ties[i];
    }
    Workers.each(
        stretches.stream().filter(stretch -> ties[stretch.position()] > 0).toList(),
        stretch -> markFirst(stretch, threshold, ties[stretch.position()]));
  }

  private void markFirst(Stretch stretch, long key, long limit) {
    long[] words = kept.get(stretch.index());
    long[] left = {limit};
    forEachLoad(
        stretch,
        (keys, from) -> {
          int share = (int) Math.min(left[0], keys.countEqual(key));
          keys.markFirstEqual(key, share, words, (int) (from >>> 6));
          left[0] -= share;
        });
  }

  private void forEachLoad(Stretch stretch, BiConsumer<Keys, Long> work) {
    int capacity = Math.min(Keys.CAPACITY, stretch.count());
    Keys keys = scores.get(stretch.index()).keys(wide, capacity);
    for (int done = 0; done < stretch.count(); done += capacity) {
      long from = stretch.from() + done;
      keys.load(from, Math.min(capacity, stretch.count() - done));
      work.accept(keys, from);
    }
    workers.advance(stretch.count());
  }
}
