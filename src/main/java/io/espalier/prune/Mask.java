package io.espalier.prune;

/** Which elements of a tensor are kept, in row-major order. Immutable. */
public final class Mask {
  private final long size;
  private final long[] words;

  /** A mask over {@code words}, which must not change any more and has no bit from size on. */
  Mask(long size, long[] words) {
    this.size = size;
    this.words = words;
  }

  /**
   * A mask of what {@link #word} gave of another.
   *
   * @throws IllegalArgumentException if the words are not those of a mask of {@code size} elements
   */
  public static Mask of(long size, long[] words) {
    boolean fits = size >= 0 && words.length == (size + 63) >>> 6;
    if (!fits || size % 64 != 0 && words[words.length - 1] >>> size != 0) {
      throw new IllegalArgumentException("not the words of a mask of %d elements".formatted(size));
    }
    return new Mask(size, words.clone());
  }

  /** A mask that keeps all {@code size} elements. */
  public static Mask keepingAll(long size) {
    long[] words = emptyWords(size);
    setRange(words, 0, size);
    return new Mask(size, words);
  }

  static long[] emptyWords(long size) {
    return new long[Math.toIntExact((size + 63) >>> 6)];
  }

  /** Sets the bits from {@code from} (inclusive) to {@code to} (exclusive). */
  static void setRange(long[] words, long from, long to) {
    if (from >= to) {
      return;
    }
    int first = (int) (from >>> 6);
    int last = (int) ((to - 1) >>> 6);
    long head = -1L << from;
    long tail = -1L >>> -to;
    if (first == last) {
      words[first] |= head & tail;
      return;
    }
    words[first] |= head;
    for (int i = first + 1; i < last; i++) {
      words[i] = -1L;
    }
    words[last] |= tail;
  }

  /** The number of elements, kept or not. */
  public long size() {
    return size;
  }

  /**
   * Whether the element is kept.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= element < size}
   */
  public boolean kept(long element) {
    if (element < 0 || element >= size) {
      throw new IndexOutOfBoundsException("element " + element + " of " + size);
    }
    return (words[(int) (element >>> 6)] >>> element & 1) != 0;
  }

  /** The elements 64·index to 64·index + 63, the first in the lowest bit; 1 is kept. */
  public long word(int index) {
    return words[index];
  }

  /** The number of elements that are kept. */
  public long countKept() {
    long kept = 0;
    for (long word : words) {
      kept += Long.bitCount(word);
    }
    return kept;
  }
}
