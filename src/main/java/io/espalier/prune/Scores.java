package io.espalier.prune;

/** The scores of a weight's units, in the order in which ties are broken: the first one stays. */
interface Scores {
  /** The number of units. */
  long count();

  /** Whether the scores need 63-bit keys; otherwise both kinds can be had. */
  boolean wide();

  /** A reader for one thread of at most {@code capacity} keys at a time. */
  Keys keys(boolean wide, int capacity);

  /**
   * Whether units are elements and their keys magnitudes, so that a key of 0 is an element of 0.
   */
  boolean magnitudes();

  /** The elements that are kept when the units with a bit in {@code units} are. */
  Mask mask(long[] units);
}
