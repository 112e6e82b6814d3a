package io.espalier.quantize;

import io.espalier.graph.Elements;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Tensor;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * A weight on grids.
 *
 * @param codes of the elements, in the order of storage
 * @param grids by group
 * @param worst the largest error of an element
 */
record CodedWeight(byte[] codes, Grid[] grids, double worst) {
  /** How much of the range of few bits may be cut off at most, and in how many steps. */
  private static final double MOST_CUT = 0.5;

  private static final int CUTS = 20;
  private static final int FEW_BITS = 4;

  /**
   * Puts a weight on grids.
   *
   * @param group from an element's index to its group
   * @param groups how many there are
   * @param bits 4 to 8
   * @param symmetric whether codes are signed and the zero point 0; otherwise they start from 0
   * @throws MalformedModelException if an element is infinite or not a number
   */
  static CodedWeight of(
      Tensor weight, IntUnaryOperator group, int groups, int bits, boolean symmetric) {
    IntToDoubleFunction element = Elements.of(weight).orElseThrow();
    int count = Math.toIntExact(weight.shape().elements());
    double[] min = new double[groups];
    double[] max = new double[groups];
    for (int i = 0; i < count; i++) {
      double x = element.applyAsDouble(i);
      if (!Double.isFinite(x)) {
        throw new MalformedModelException("expected finite elements, got " + x);
      }
      int own = group.applyAsInt(i);
      min[own] = Math.min(min[own], x);
      max[own] = Math.max(max[own], x);
    }
    lendExtents(min, max);
    double[] cut = new double[groups];
    Arrays.fill(cut, 1);
    if (bits <= FEW_BITS) {
      cut = bestCuts(element, count, group, min, max, bits, symmetric);
    }
    Grid[] grids = new Grid[groups];
    for (int i = 0; i < groups; i++) {
      grids[i] = grid(min[i] * cut[i], max[i] * cut[i], bits, symmetric);
    }
    return coded(element, count, group, grids);
  }

  /** Groups of zeros get the narrowest range of all others: biases are on a grid that follows. */
  private static void lendExtents(double[] min, double[] max) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < min.length; i++) {
      double extent = Math.max(-min[i], max[i]);
      least = extent > 0 ? Math.min(least, extent) : least;
    }
    for (int i = 0; i < min.length; i++) {
      if (min[i] == 0 && max[i] == 0 && least < Double.POSITIVE_INFINITY) {
        max[i] = least;
      }
    }
  }

  /** Puts elements on grids that are known. */
  static CodedWeight coded(
      IntToDoubleFunction element, int count, IntUnaryOperator group, Grid[] grids) {
    byte[] codes = new byte[count];
    double worst = 0;
    for (int i = 0; i < count; i++) {
      double x = element.applyAsDouble(i);
      Grid grid = grids[group.applyAsInt(i)];
      int code = grid.code(x);
      codes[i] = (byte) code;
      worst = Math.max(worst, Math.abs(x - grid.value(code)));
    }
    return new CodedWeight(codes, grids, worst);
  }

  private static Grid grid(double min, double max, int bits, boolean symmetric) {
    return symmetric
        ? Grid.symmetric(Math.max(-min, max), (1 << bits - 1) - 1)
        : Grid.asymmetric(min, max, 0, (1 << bits) - 1);
  }

  /** With few codes, a grid that cuts off the largest elements can fit the others better. */
  private static double[] bestCuts(
      IntToDoubleFunction element,
      int count,
      IntUnaryOperator group,
      double[] min,
      double[] max,
      int bits,
      boolean symmetric) {
    double[] best = new double[min.length];
    double[] least = new double[min.length];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int step = 0; step <= CUTS; step++) {
      double cut = 1 - MOST_CUT * step / CUTS;
      Grid[] grids = new Grid[min.length];
      for (int i = 0; i < grids.length; i++) {
        grids[i] = grid(min[i] * cut, max[i] * cut, bits, symmetric);
      }
      double[] errors = new double[min.length];
      for (int i = 0; i < count; i++) {
        double x = element.applyAsDouble(i);
        int own = group.applyAsInt(i);
        double error = x - grids[own].value(grids[own].code(x));
        errors[own] += error * error;
      }
      for (int i = 0; i < grids.length; i++) {
        if (errors[i] < least[i]) {
          least[i] = errors[i];
          best[i] = cut;
        }
      }
    }
    return best;
  }

  float[] scales() {
    float[] scales = new float[grids.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) grids[i].scale();
    }
    return scales;
  }
}
