package io.espalier.storage;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;

/**
 * A weight of which at most {@code n} of every {@code m} neighbours along an axis are not zero: N:M
 * sparsity. Groups are counted in row-major order of the shape in which the axis is a group long.
 *
 * @param m divides the length of the axis
 */
record Groups(Shape shape, int axis, int n, int m) {
  private static final int LARGEST_M = 64;
  private static final int MOST_CHOICES = 256;
  private static final int SAMPLES = 64;

  /** Elements between neighbours. */
  long inner() {
    return shape.elements(axis + 1, shape.rank());
  }

  /** Groups along the axis. */
  long along() {
    return shape.dim(axis) / m;
  }

  /** How many times the axis comes. */
  long outer() {
    return shape.elements(0, axis);
  }

  long count() {
    return shape.elements() / m;
  }

  /** The row-major index of an element of a group. */
  long element(long group, int at) {
    return (group / inner() * m + at) * inner() + group % inner();
  }

  private int group(long index) {
    return (int) (index / inner() / m * inner() + index % inner());
  }

  /** The ways in which n of m can be chosen, at most one more than a byte tells apart. */
  int choices() {
    long choices = 1;
    for (int i = 1; i <= Math.min(n, m - n) && choices <= MOST_CHOICES; i++) {
      choices = choices * (m - i + 1) / i;
    }
    return (int) Math.min(choices, MOST_CHOICES + 1);
  }

  /** Every way to choose n of m, as bits, the smallest number first. */
  long[] patterns() {
    long[] patterns = new long[choices()];
    long pattern = (1L << n) - 1;
    for (int i = 0; i < patterns.length; i++) {
      patterns[i] = pattern;
      long lowest = pattern & -pattern; // the next number with as many bits: Gosper's hack
      long carried = pattern + lowest;
      pattern = carried | (pattern ^ carried) >>> Long.numberOfTrailingZeros(lowest) >>> 2;
    }
    return patterns;
  }

  /**
   * The groups that let a weight take the fewest bytes; absent if a mask does better.
   *
   * @param valueBits of an element that is laid down
   */
  static Optional<Groups> find(Survey survey, double valueBits) {
    Tensor tensor = survey.tensor();
    Shape shape = tensor.shape();
    int width = survey.width();
    ByteBuffer elements = survey.beginning();
    double least = shape.elements() + survey.nonzero() * valueBits;
    Optional<Groups> best = Optional.empty();
    for (int axis = 0; axis < shape.rank(); axis++) {
      for (int m = 2; m <= Math.min(LARGEST_M, shape.dim(axis)); m++) {
        if (shape.dim(axis) % m == 0) {
          Groups groups = sampled(elements, width, shape, axis, m);
          double bits = groups.bits(valueBits);
          if (bits < least) {
            least = bits;
            best = Optional.of(groups);
          }
        }
      }
    }
    return best.map(groups -> groups.with(groups.largestCount(tensor))).filter(Groups::isUseful);
  }

  private boolean isUseful() {
    return n >= 1 && n < m && choices() <= MOST_CHOICES;
  }

  private Groups with(int kept) {
    return new Groups(shape, axis, kept, m);
  }

  private double bits(double valueBits) {
    if (!isUseful()) {
      return Double.MAX_VALUE;
    }
    return count() * (n * valueBits + Math.log(choices()) / Math.log(2));
  }

  private static Groups sampled(ByteBuffer elements, int width, Shape shape, int axis, int m) {
    Groups groups = new Groups(shape, axis, 0, m);
    long whole = elements.limit() / width / (groups.inner() * m) * groups.inner();
    if (whole == 0) {
      return groups;
    }
    Random random = new Random(m);
    int most = 0;
    for (int i = 0; i < SAMPLES && most < m; i++) {
      long group = random.nextLong(whole);
      int kept = 0;
      for (int at = 0; at < m; at++) {
        kept += Cells.get(elements, width, (int) groups.element(group, at)) == 0 ? 0 : 1;
      }
      most = Math.max(most, kept);
    }
    return groups.with(most);
  }

  private int largestCount(Tensor tensor) {
    byte[] counts = new byte[Math.toIntExact(count())];
    Cells.forEachNonzero(tensor, (index, bits) -> counts[group(index)]++);
    int most = 0;
    for (byte count : counts) {
      most = Math.max(most, count);
    }
    return most;
  }

  /** The dimensions of what is laid down: the shape with n elements in the place of m. */
  Shape laidDown() {
    long[] dims = shape.dims();
    dims[axis] = along() * n;
    return Shape.of(dims);
  }
}
