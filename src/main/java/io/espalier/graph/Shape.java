package io.espalier.graph;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The dimensions of a tensor, all of them known. Rank 0 is a scalar. */
public final class Shape {
  private final long[] dims;
  private final long elements;

  private Shape(long[] dims) {
    this.dims = dims;
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new MalformedModelException(
            "shape " + Arrays.toString(dims) + ": expected dimensions >= 0, got " + dim);
      }
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new MalformedModelException(
            "shape " + Arrays.toString(dims) + ": the number of elements exceeds 2^63", e);
      }
    }
    this.elements = product;
  }

  /**
   * A shape of these dimensions.
   *
   * @throws MalformedModelException if one is negative or their product exceeds a {@code long}
   */
  public static Shape of(long... dims) {
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  public long dim(int axis) {
    return dims[axis];
  }

  public long[] dims() {
    return dims.clone();
  }

  /** The product of the dimensions; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** The product of the dimensions from {@code from} (inclusive) to {@code to} (exclusive). */
  public long elements(int from, int to) {
    long product = 1;
    for (int axis = from; axis < to; axis++) {
      product = Math.multiplyExact(product, dims[axis]);
    }
    return product;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code 50x20x5x5}; {@code scalar} for rank 0. */
  @Override
  public String toString() {
    return dims.length == 0
        ? "scalar"
        : Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }
}
