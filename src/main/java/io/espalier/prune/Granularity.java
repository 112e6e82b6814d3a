package io.espalier.prune;

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
   * Blocks of the weight's matrix, kept or zeroed whole. Blocks at the lower and right edge may be
   * smaller; their score is pooled over what is there.
   */
  record Block(int rows, int columns, Pooling pooling) implements Granularity {
    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /** Of every {@code m} neighbours along the input axis, {@code n} are kept. */
  record NofM(int n, int m) implements Granularity {
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
}
