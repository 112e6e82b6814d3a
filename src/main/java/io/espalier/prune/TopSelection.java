package io.espalier.prune;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.ObjLongConsumer;

/**
 * Keeps exactly k of the units of several weights: those with the greatest scores, and of equal
 * scores those that come first. A radix select: a histogram of the keys' leading digits finds those
 * that share them with the k-th greatest; another pass keeps what is greater and collects these
 * few, and the rest is settled between them.
 */
final class TopSelection {
  /** Leading digits: sign-free exponent and 7 or 4 bits of the fraction of a float32. */
  private static final int DIGIT_BITS = 15;

  private static final int FEW_DIGIT_BITS = 12;
  private static final int FEW = 1 << 18;
  private static final int STRETCH = 1 << 21;

  private final List<Scores> scores;
  private final Workers workers;
  private final boolean wide;
  private final int digitBits;
  private final List<Stretch> stretches = new ArrayList<>();
  private final List<long[]> kept = new ArrayList<>();
  private final AtomicLongArray positive;

  /** Keys are known to begin with {@code prefix} above this bit. */
  private int shift;

  private long prefix;

  /** How many of the units whose keys begin with the prefix are kept, and how many there are. */
  private long wanted;

  private long found;

  /** Units {@code from} to {@code from + count} of the scores at {@code index}. */
  private record Stretch(int position, int index, long from, int count) {}

  private TopSelection(List<Scores> scores, long keep, Workers workers) {
    this.scores = scores;
    this.workers = workers;
    this.wide = scores.stream().anyMatch(Scores::wide);
    this.shift = wide ? 63 : 31;
    this.wanted = keep;
    this.found = total(scores);
    this.digitBits = found < FEW ? FEW_DIGIT_BITS : DIGIT_BITS;
    this.positive = new AtomicLongArray(scores.size());
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
   * What was selected of one {@link Scores}.
   *
   * @param units a bit per unit, set where it is kept
   * @param positive the number of units whose key is not 0
   */
  record Selected(long[] units, long positive) {}

  /** Selects {@code keep} units, at least one, and says which of each of {@code scores} stay. */
  static List<Selected> keep(long keep, List<Scores> scores, Workers workers) {
    TopSelection selection = new TopSelection(scores, keep, workers);
    selection.select();
    List<Selected> result = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      result.add(new Selected(selection.kept.get(i), selection.positive.get(i)));
    }
    return result;
  }

  static long total(List<Scores> scores) {
    long total = 0;
    for (Scores one : scores) {
      total = Math.addExact(total, one.count());
    }
    return total;
  }

  private void select() {
    long fewEnough = Math.max(Keys.CAPACITY, Math.min(1 << 20, found / 8));
    while (shift > 0 && wanted < found && found > fewEnough) {
      readDigit();
    }
    if (wanted == found) {
      mark((prefix << shift) - 1);
    } else if (found <= fewEnough) {
      settle();
    } else {
      mark(prefix);
      markFirstEqual();
    }
  }

  /** Learns the next digit of the k-th greatest key. */
  private void readDigit() {
    int before = shift;
    shift = Math.max(0, before - digitBits);
    long[] histogram = new long[1 << before - shift];
    Workers.each(
        stretches,
        stretch -> {
          int[] part = new int[histogram.length];
          forEachLoad(stretch, (keys, from) -> keys.countDigits(prefix, shift, part));
          add(part, histogram);
        });
    int digit = histogram.length - 1;
    while (histogram[digit] < wanted) {
      wanted -= histogram[digit--];
    }
    prefix = prefix << before - shift | digit;
    found = histogram[digit];
  }

  private static void add(int[] part, long[] sum) {
    synchronized (sum) {
      for (int i = 0; i < part.length; i++) {
        sum[i] += part[i];
      }
    }
  }

  /** Keeps the units whose key is greater than {@code bound}. */
  private void mark(long bound) {
    Workers.each(
        stretches,
        stretch -> forEachLoad(stretch, (keys, from) -> mark(bound, keys, stretch, from)));
  }

  private void mark(long bound, Keys keys, Stretch stretch, long from) {
    keys.markGreater(bound, kept.get(stretch.index()), word(from));
    positive.addAndGet(stretch.index(), keys.countPositive());
  }

  /** Keeps what is greater than any key with the prefix, and of the few with it the best. */
  private void settle() {
    long bound = (prefix + 1 << shift) - 1;
    Contest[] contests = new Contest[stretches.size()];
    Workers.each(
        stretches,
        stretch -> {
          Contest contest = new Contest();
          contests[stretch.position()] = contest;
          forEachLoad(
              stretch,
              (keys, from) -> {
                mark(bound, keys, stretch, from);
                keys.collect(prefix, shift, from, contest);
              });
        });
    Contest.Outcome outcome = Contest.settle(List.of(contests), wanted, prefix, shift);
    long ties = outcome.ties();
    for (Stretch stretch : stretches) {
      ties = contests[stretch.position()].mark(outcome.key(), ties, kept.get(stretch.index()));
    }
  }

  /** Of the very many units whose key is the prefix, keeps the first ones. */
  private void markFirstEqual() {
    long[] ties = new long[stretches.size()];
    Workers.each(
        stretches,
        stretch ->
            forEachLoad(
                stretch, (keys, from) -> ties[stretch.position()] += keys.countEqual(prefix)));
    long left = wanted;
    for (int i = 0; i < ties.length; i++) {
      ties[i] = Math.min(left, ties[i]);
      left -= ties[i];
    }
    Workers.each(
        stretches.stream().filter(stretch -> ties[stretch.position()] > 0).toList(),
        stretch -> markFirstEqual(stretch, ties[stretch.position()]));
  }

  private void markFirstEqual(Stretch stretch, long limit) {
    long[] words = kept.get(stretch.index());
    long[] left = {limit};
    forEachLoad(
        stretch,
        (keys, from) -> {
          int share = (int) Math.min(left[0], keys.countEqual(prefix));
          keys.markFirstEqual(prefix, share, words, word(from));
          left[0] -= share;
        });
  }

  private void forEachLoad(Stretch stretch, ObjLongConsumer<Keys> work) {
    int capacity = Math.min(Keys.CAPACITY, stretch.count());
    Keys keys = scores.get(stretch.index()).keys(wide, capacity);
    for (int done = 0; done < stretch.count(); done += capacity) {
      long from = stretch.from() + done;
      keys.load(from, Math.min(capacity, stretch.count() - done));
      work.accept(keys, from);
    }
    workers.advance(stretch.count());
  }

  private static int word(long unit) {
    return (int) (unit >>> 6);
  }
}
