package io.espalier.prune;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The unit in which elements of a weight are kept or zeroed. */
public sealed interface Granularity {
  /** Each element by itself. */
  record Element() implements Granularity {
    @Override
    public String toString() {
      return "element";
    }
  }

  /**
   * Blocks of the weight's matrix ({@link Weight#columnsFrom}), kept or zeroed whole. Blocks at the
   * lower and right edge may be smaller; their score is pooled over what is there.
   */
  record Block(int rows, int columns, Pooling pooling) implements Granularity {
    public Block {
      if (rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "granularity: expected blocks of at least 1x1, got " + rows + "x" + columns);
      }
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /**
   * Of every {@code m} neighbours along the input axis, {@code n} are kept. Of the shorter group at
   * the end of an axis, {@code n} are kept as well, or all if it has no more.
   */
  record NofM(int n, int m) implements Granularity {
    /** The longest group; hardware has 4 or 8. */
    public static final int MAX_M = 64;

    public NofM {
      if (n < 1 || n >= m || m > MAX_M) {
        throw new IllegalArgumentException(
            "granularity: expected N:M with 1 <= N < M <= %d, N elements kept of M, got %d:%d"
                .formatted(MAX_M, n, m));
      }
    }

    /** The share that becomes zero where the axis is a multiple of {@code m}. */
    public double sparsity() {
      return 1 - (double) n / m;
    }

    @Override
    public String toString() {
      return n + ":" + m;
    }
  }

  /** How the scores of a block's elements become the block's. */
  enum Pooling {
    AVERAGE,
    MAX
  }

  /** Each element by itself. */
  static Granularity element() {
    return new Element();
  }

  /**
   * Reads {@code element}, {@code RxC} (blocks of R rows and C columns) or {@code N:M}.
   *
   * @param pooling what a block's score is; of no meaning to the others
   * @throws IllegalArgumentException if the text is none of these
   */
  static Granularity parse(String text, Pooling pooling) {
    if (text.equals("element")) {
      return element();
    }
    Matcher numbers = Pattern.compile("([0-9]{1,9})([x:])([0-9]{1,9})").matcher(text);
    if (!numbers.matches()) {
      throw new IllegalArgumentException(
          "granularity: expected element, blocks such as 4x1, or N:M such as 2:4, got '"
              + text
              + "'");
    }
    int first = Integer.parseInt(numbers.group(1));
    int second = Integer.parseInt(numbers.group(3));
    return numbers.group(2).equals("x")
        ? new Block(first, second, pooling)
        : new NofM(first, second);
  }
}
