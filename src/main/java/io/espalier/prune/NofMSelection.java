package io.espalier.prune;

/**
 * Keeps the N greatest of every M neighbours along a weight's input axis; of equal scores the first
 * ones. A shorter group at the end of the axis keeps up to N.
 */
final class NofMSelection {
  private final ElementScores scores;
  private final Granularity.NofM granularity;
  private final Workers workers;
  private final long[] words;
  private final long axisLength;

  /** Elements between neighbours along the input axis. */
  private final long stride;

  /** The keys of one group, and of each how many of the others go before it. */
  private final long[] group;

  private final int[] better;
  private long advanced;

  private NofMSelection(ElementScores scores, Granularity.NofM granularity, Workers workers) {
    Weight weight = scores.weight();
    int axis = weight.inputAxis().orElseThrow();
    this.scores = scores;
    this.granularity = granularity;
    this.workers = workers;
    this.group = new long[granularity.m()];
    this.better = new int[granularity.m()];
    this.words = Mask.emptyWords(scores.count());
    this.axisLength = weight.shape().dim(axis);
    this.stride = weight.shape().elements(axis + 1, weight.shape().rank());
  }

  /** The mask of a weight whose input axis is known. */
  static Mask select(ElementScores scores, Granularity.NofM granularity, Workers workers) {
    NofMSelection selection = new NofMSelection(scores, granularity, workers);
    if (selection.stride * granularity.m() <= ElementWindow.CAPACITY) {
      selection.selectNear();
    } else {
      selection.selectFar();
    }
    return new Mask(scores.count(), selection.words);
  }

  /** All elements of the groups that begin side by side fit in one read. */
  private void selectNear() {
    ElementWindow window = new ElementWindow(scores);
    long slab = axisLength * stride;
    for (long start = 0; start < scores.count(); start += slab) {
      for (long first = 0; first < axisLength; first += granularity.m()) {
        int members = members(first);
        long from = start + first * stride;
        int at = window.seek(from, (int) (members * stride));
        for (int i = 0; i < stride; i++) {
          keepGreatest(window.keys(), at + i, (int) stride, members, from + i);
        }
        advance(members * stride);
      }
    }
  }

  /** Reads some neighbouring groups at a time, a row of each member. */
  private void selectFar() {
    int width = ElementWindow.CAPACITY / granularity.m();
    long[] keys = new long[width * granularity.m()];
    ElementKeys reader = scores.reader(width);
    long slab = axisLength * stride;
    for (long start = 0; start < scores.count(); start += slab) {
      for (long first = 0; first < axisLength; first += granularity.m()) {
        int members = members(first);
        for (long column = 0; column < stride; column += width) {
          int length = (int) Math.min(width, stride - column);
          long from = start + first * stride + column;
          for (int member = 0; member < members; member++) {
            reader.longs(from + member * stride, length, keys, member * width);
          }
          for (int i = 0; i < length; i++) {
            keepGreatest(keys, i, width, members, from + i);
          }
          advance((long) members * length);
        }
      }
    }
  }

  private void advance(long elements) {
    advanced += elements;
    if (advanced >= Keys.CAPACITY) {
      workers.advance(advanced);
      advanced = 0;
    }
  }

  private int members(long first) {
    return (int) Math.min(granularity.m(), axisLength - first);
  }

  /**
   * Marks the greatest of {@code members} keys that lie {@code apart} from each other from {@code
   * at} on; the first of them is that of {@code element}.
   */
  private void keepGreatest(long[] keys, int at, int apart, int members, long element) {
    for (int i = 0; i < members; i++) {
      long key = keys[at + i * apart];
      int lost = 0;
      for (int j = 0; j < i; j++) {
        int beaten = (int) (group[j] - key >>> 63);
        better[j] += beaten;
        lost += 1 - beaten;
      }
      group[i] = key;
      better[i] = lost;
    }
    for (int i = 0; i < members; i++) {
      if (better[i] < granularity.n()) {
        long kept = element + i * stride;
        words[(int) (kept >>> 6)] |= 1L << kept;
      }
    }
  }
}
