package io.espalier.prune;

/** Reads ahead, so that many short reads that follow each other cost little. For one thread. */
final class ElementWindow {
  /** The most elements of one read. */
  static final int CAPACITY = 1 << 14;

  private final ElementKeys source;
  private final long elements;
  private final long[] keys;
  private long start;
  private int length;

  /** A window on {@code source}, which has {@code elements} elements. */
  ElementWindow(ElementScores source) {
    this.elements = source.count();
    int capacity = (int) Math.min(CAPACITY, elements);
    this.source = source.reader(capacity);
    this.keys = new long[capacity];
  }

  /**
   * Makes sure that the {@code count} elements from {@code from} on are in {@link #keys}, and says
   * where there; the next call may move them.
   */
  int seek(long from, int count) {
    if (from < start || from + count > start + length) {
      start = from;
      length = (int) Math.min(keys.length, elements - from);
      source.longs(from, length, keys, 0);
    }
    return (int) (from - start);
  }

  /** The 63-bit keys that the last {@link #seek} made sure of. */
  long[] keys() {
    return keys;
  }
}
