package io.espalier.prune;

import java.util.Arrays;

/**
 * Blocks of a weight's matrix are the units, in row-major order; a block's score is pooled over the
 * elements it has, which are fewer at the lower and right edge.
 */
final class BlockScores implements Scores {
  private final ElementScores elements;
  private final Granularity.Block block;
  private final long rows;
  private final long columns;
  private final long blocksPerRow;
  private final long count;

  BlockScores(ElementScores elements, Granularity.Block block) {
    this.elements = elements;
    this.block = block;
    int split = elements.weight().columnsFrom().orElseThrow();
    this.rows = elements.weight().shape().elements(0, split);
    this.columns = elements.count() / rows;
    this.blocksPerRow = ceilDivide(columns, block.columns());
    this.count = ceilDivide(rows, block.rows()) * blocksPerRow;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public boolean wide() {
    return elements.criterion() != Criterion.RANDOM;
  }

  @Override
  public Keys keys(boolean wide, int capacity) {
    if (elements.criterion() == Criterion.RANDOM) {
      return elements.keys(wide, capacity);
    }
    ElementWindow window = new ElementWindow(elements);
    double[] pooled = new double[capacity];
    return new LongKeys((from, length, into) -> read(window, from, length, pooled, into), capacity);
  }

  @Override
  public boolean magnitudes() {
    return false;
  }

  @Override
  public Mask mask(long[] units) {
    long[] words = Mask.emptyWords(elements.count());
    for (long unit = 0; unit < count; unit++) {
      if ((units[(int) (unit >>> 6)] >>> unit & 1) != 0) {
        long column = unit % blocksPerRow * block.columns();
        long firstRow = unit / blocksPerRow * block.rows();
        for (long row = firstRow; row < Math.min(rows, firstRow + block.rows()); row++) {
          long end = Math.min(columns, column + block.columns());
          Mask.setRange(words, row * columns + column, row * columns + end);
        }
      }
    }
    return new Mask(elements.count(), words);
  }

  private void read(ElementWindow window, long from, int length, double[] pooled, long[] into) {
    int done = 0;
    while (done < length) {
      long unit = from + done;
      long firstColumn = unit % blocksPerRow;
      int run = (int) Math.min(length - done, blocksPerRow - firstColumn);
      pool(window, unit / blocksPerRow * block.rows(), firstColumn, run, pooled);
      for (int i = 0; i < run; i++) {
        into[done + i] = Double.doubleToRawLongBits(pooled[i]);
      }
      done += run;
    }
  }

  /** Pools the {@code run} blocks that lie side by side from {@code firstColumn} (in blocks) on. */
  private void pool(
      ElementWindow window, long firstRow, long firstColumn, int run, double[] pooled) {
    Arrays.fill(pooled, 0, run, 0);
    long height = Math.min(block.rows(), rows - firstRow);
    long left = firstColumn * block.columns();
    long right = Math.min(columns, left + (long) run * block.columns());
    for (long row = firstRow; row < firstRow + height; row++) {
      for (long column = left; column < right; ) {
        int piece = (int) Math.min(ElementWindow.CAPACITY, right - column);
        int at = window.seek(row * columns + column, piece);
        addRow(window.keys(), at, piece, column - left, pooled);
        column += piece;
      }
    }
    if (block.pooling() == Granularity.Pooling.AVERAGE) {
      for (int i = 0; i < run; i++) {
        long width = Math.min(block.columns(), right - left - (long) i * block.columns());
        pooled[i] /= height * width;
      }
    }
  }

  /**
   * Pools elements of one row, the first of which is {@code offset} columns from the first block.
   */
  private void addRow(long[] keys, int at, int length, long offset, double[] pooled) {
    boolean max = block.pooling() == Granularity.Pooling.MAX;
    boolean square = elements.criterion() == Criterion.L2;
    int target = (int) (offset / block.columns());
    long untilNext = block.columns() - offset % block.columns();
    for (int i = at; i < at + length; i++) {
      double score = Double.longBitsToDouble(keys[i]);
      if (square) {
        score *= score;
      }
      pooled[target] = max ? Math.max(pooled[target], score) : pooled[target] + score;
      if (--untilNext == 0) {
        target++;
        untilNext = block.columns();
      }
    }
  }

  private static long ceilDivide(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
