package io.espalier.prune;

/** What an element of a weight is worth; the least worth goes first. */
public enum Criterion {
  /** Magnitude |w|; of a block, the mean or the maximum of its elements' magnitudes. */
  L1,
  /** Square w²; of a block, the mean or the maximum of its elements' squares. */
  L2,
  /** A seeded random number: the baseline. */
  RANDOM
}
