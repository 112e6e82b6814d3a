package io.espalier.network;

import io.espalier.graph.Shape;

/**
 * The number of connections that go into and out of one unit of a weight.
 *
 * @param in terms in one output
 * @param out outputs that one input has part in
 */
public record Fans(long in, long out) {
  /** Of a matrix with a column for each output, as MatMul has it and Gemm without transB. */
  public static Fans inOut(long inputs, long outputs) {
    return new Fans(inputs, outputs);
  }

  /**
   * Of a kernel {@code [outputs, inputs / groups, spatial…]}, as Conv has it, and of a matrix
   * {@code [outputs, inputs]}, as Gemm has it with transB: both fans times the kernel's area.
   */
  public static Fans outIn(Shape kernel) {
    long area = 1;
    for (int axis = 2; axis < kernel.rank(); axis++) {
      area = Math.multiplyExact(area, kernel.dim(axis));
    }
    return new Fans(kernel.dim(1) * area, kernel.dim(0) * area);
  }
}
