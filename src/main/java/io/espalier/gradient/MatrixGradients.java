package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

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

  private static Value left(GradientContext g, Ops ops) {
    Value a = g.x(0);
    Value b = g.x(1);
    if (g.rank(b) == 1) {
      // y = A b: the outer product of dy and b
      return g.rank(a) == 1 ? ops.mul(g.dy(), b) : ops.mul(ops.unsqueeze(g.dy(), -1), b);
    }
    if (g.rank(a) == 1) {
      return vectorTimes(g, ops, b);
    }
    if (g.rank(b) == 2) {
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
    if (g.rank(g.x(0)) == 2) {
      return ops.gemm(g.dy(), false, b, true);
    }
    return g.reshapeLike(ops.gemm(flat(g, ops, g.dy(), g.y()), false, b, true), g.x(0));
  }

  /** A value as a matrix: all axes but the last as rows. */
  private static Value flat(GradientContext g, Ops ops, Value value, Value like) {
    if (g.rank(like) == 2) {
      return value;
    }
    long width = g.dim(like, g.rank(like) - 1);
    if (width > 0) {
      return ops.reshape(value, -1, width);
    }
    Value columns = ops.shape(like, g.rank(like) - 1, g.rank(like));
    return ops.reshape(value, ops.concat(0, List.of(ops.ints(-1), columns)));
  }

  private static Value right(GradientContext g, Ops ops) {
    Value a = g.x(0);
    Value b = g.x(1);
    if (g.rank(a) == 1 && g.rank(b) == 1) {
      return ops.mul(g.dy(), a);
    }
    if (g.rank(a) == 1) {
      Value outer = ops.mul(ops.unsqueeze(a, -1), ops.unsqueeze(g.dy(), -2));
      return outer;
    }
    if (g.rank(b) == 1) {
      Value product = ops.mul(a, ops.unsqueeze(g.dy(), -1));
      return ops.reduceSum(product, LongStream.range(0, g.rank(a) - 1).toArray(), false);
    }
    if (g.rank(b) == 2) {
      return ops.gemm(flat(g, ops, a, a), true, flat(g, ops, g.dy(), g.y()), false);
    }
    Value product = ops.matMul(swapLast(g, ops, a), g.dy());
    return g.sumTo(product, productDims(g, b), b);
  }

  private static Value swapLast(GradientContext g, Ops ops, Value value) {
    int rank = g.rank(value);
    long[] axes = LongStream.range(0, rank).toArray();
    axes[rank - 1] = rank - 2;
    axes[rank - 2] = rank - 1;
    return ops.transpose(value, axes);
  }

  /** The batch of the product, the matrix of {@code operand}. */
  private static Optional<List<Dim>> productDims(GradientContext g, Value operand) {
    List<Dim> own = g.dims(operand).orElseThrow();
    return g.dims(g.y())
        .map(
            product -> {
              List<Dim> dims = new ArrayList<>(product.subList(0, product.size() - 2));
              dims.addAll(own.subList(own.size() - 2, own.size()));
              return dims;
            });
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
