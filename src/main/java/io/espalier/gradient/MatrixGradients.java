package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Dim;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Gradients of matrix products: for Y = A B, dA = dY B', dB = A' dY. Products of two matrices are
 * Gemms, which transpose while they read.
 */
final class MatrixGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("MatMul", each(MatrixGradients::left, MatrixGradients::right)),
          entry(
              "Gemm",
              each(MatrixGradients::gemmA, MatrixGradients::gemmB, MatrixGradients::gemmC)));

  private MatrixGradients() {}

  /** Whether a value is a vector; one of unknown rank is taken for a matrix, or many. */
  private static boolean isVector(GradientContext g, Value value) {
    return isOfRank(g, value, 1);
  }

  private static boolean isOfRank(GradientContext g, Value value, int rank) {
    return g.dims(value).filter(dims -> dims.size() == rank).isPresent();
  }

  private static Value left(GradientContext g, Ops ops) {
    Value a = g.x(0);
    Value b = g.x(1);
    if (isVector(g, b)) {
      // y = A b: the outer product of dy and b
      return isVector(g, a) ? ops.mul(g.dy(), b) : ops.mul(ops.unsqueeze(g.dy(), -1), b);
    }
    if (isVector(g, a)) {
      return vectorTimes(g, ops, b);
    }
    if (isOfRank(g, b, 2)) {
      return rows(g, ops, b);
    }
    Value product = ops.matMul(g.dy(), swapLast(g, ops, b));
    return g.sumTo(product, productDims(g, a), a);
  }

  /** y = a B, a and y lacking their row axis: da = B dy, summed over the batch. */
  private static Value vectorTimes(GradientContext g, Ops ops, Value b) {
    Value product = ops.squeeze(ops.matMul(b, ops.unsqueeze(g.dy(), -1)), -1);
    int rank = g.rank(b) - 1;
    return rank == 1
        ? product
        : ops.reduceSum(product, LongStream.range(0, rank - 1).toArray(), false);
  }

  /** dA for a B without batch: one Gemm over all rows. */
  private static Value rows(GradientContext g, Ops ops, Value b) {
    if (isOfRank(g, g.x(0), 2)) {
      return ops.gemm(g.dy(), false, b, true);
    }
    return g.reshapeLike(ops.gemm(asRows(g, ops, g.dy(), b, 1), false, b, true), g.x(0));
  }

  /** {@code value} as a matrix with as many columns as {@code b} has along {@code axis}. */
  private static Value asRows(GradientContext g, Ops ops, Value value, Value b, int axis) {
    long width = g.dim(b, axis);
    if (width > 0) {
      return ops.reshape(value, -1, width);
    }
    return ops.reshape(value, ops.concat(0, List.of(ops.ints(-1), ops.shape(b, axis, axis + 1))));
  }

  private static Value right(GradientContext g, Ops ops) {
    Value a = g.x(0);
    Value b = g.x(1);
    if (isVector(g, a)) {
      return isVector(g, b)
          ? ops.mul(g.dy(), a)
          : ops.mul(ops.unsqueeze(a, -1), ops.unsqueeze(g.dy(), -2));
    }
    if (isVector(g, b)) {
      Value product = ops.mul(a, ops.unsqueeze(g.dy(), -1));
      return ops.reduceSum(product, LongStream.range(0, g.rank(a) - 1).toArray(), false);
    }
    if (isOfRank(g, b, 2)) {
      boolean matrix = isOfRank(g, a, 2);
      Value rows = matrix ? a : asRows(g, ops, a, b, 0);
      return ops.gemm(rows, true, matrix ? g.dy() : asRows(g, ops, g.dy(), b, 1), false);
    }
    Value product = ops.matMul(swapLast(g, ops, a), g.dy());
    return g.sumTo(product, productDims(g, b), b);
  }

  private static Value swapLast(GradientContext g, Ops ops, Value value) {
    if (g.dims(value).isEmpty()) {
      return ops.call("Einsum", Map.of("equation", Attribute.of("...ij->...ji")), value);
    }
    int rank = g.rank(value);
    long[] axes = LongStream.range(0, rank).toArray();
    axes[rank - 1] = rank - 2;
    axes[rank - 2] = rank - 1;
    return ops.transpose(value, axes);
  }

  /** The batch of the product, the matrix of {@code operand}. */
  private static Optional<List<Dim>> productDims(GradientContext g, Value operand) {
    Optional<List<Dim>> own = g.dims(operand);
    Optional<List<Dim>> product = g.dims(g.y());
    if (own.isEmpty() || product.isEmpty()) {
      return Optional.empty();
    }
    int rank = product.get().size();
    List<Dim> dims = new ArrayList<>(product.get().subList(0, rank - 2));
    dims.addAll(own.get().subList(own.get().size() - 2, own.get().size()));
    return Optional.of(dims);
  }

  private static boolean transA(GradientContext g) {
    return g.node().intAttribute("transA", 0) != 0;
  }

  private static boolean transB(GradientContext g) {
    return g.node().intAttribute("transB", 0) != 0;
  }

  /** dY times the factor of that name. */
  private static Value scaled(GradientContext g, Ops ops, String factor) {
    float number = g.node().floatAttribute(factor, 1);
    return number == 1 ? g.dy() : ops.mul(g.dy(), g.number(number));
  }

  private static Value gemmA(GradientContext g, Ops ops) {
    Value dy = scaled(g, ops, "alpha");
    return transA(g)
        ? ops.gemm(g.x(1), transB(g), dy, true)
        : ops.gemm(dy, false, g.x(1), !transB(g));
  }

  private static Value gemmB(GradientContext g, Ops ops) {
    Value dy = scaled(g, ops, "alpha");
    return transB(g)
        ? ops.gemm(dy, true, g.x(0), transA(g))
        : ops.gemm(g.x(0), !transA(g), dy, false);
  }

  private static Value gemmC(GradientContext g, Ops ops) {
    return g.sumTo(scaled(g, ops, "beta"), g.dims(g.y()), g.x(2));
  }
}
