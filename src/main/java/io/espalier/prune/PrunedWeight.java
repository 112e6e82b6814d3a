package io.espalier.prune;

import io.espalier.graph.Shape;

/**
 * What a selection came to for one weight.
 *
 * @param mask the elements that are kept
 * @param requested the sparsity that was asked for: of this weight, or with scope global of all
 *     that competed with it
 * @param nonzeroBefore elements that were not zero before
 * @param nonzero elements that are not zero under the mask; a kept element can be zero
 */
public record PrunedWeight(
    Weight weight, Mask mask, double requested, long nonzeroBefore, long nonzero) {

  public String name() {
    return weight.name();
  }

  public Shape shape() {
    return weight.shape();
  }

  public long elements() {
    return weight.elements();
  }

  /** The share of elements that are zero under the mask. */
  public double sparsity() {
    return 1 - (double) nonzero / elements();
  }

  /** Whether the mask zeroes an element that was not zero. */
  public boolean changed() {
    return nonzero < nonzeroBefore;
  }
}
