package io.espalier.prune;

/** Over what elements compete. */
public enum Scope {
  /** Every weight reaches the sparsity by itself. */
  LAYER,
  /** All weights together reach the sparsity; a weight may keep more or fewer elements. */
  GLOBAL
}
