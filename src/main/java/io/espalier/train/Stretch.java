package io.espalier.train;

/**
 * Arithmetic on elements {@code from} to {@code to} of float arrays. The loops are simple enough
 * for the JIT compiler to turn into vector instructions; sums have one fixed order.
 */
final class Stretch {
  private Stretch() {}

  /** Σ x². */
  static double sumOfSquares(float[] x, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i < to - 3; i += 4) {
      a += x[i] * x[i];
      b += x[i + 1] * x[i + 1];
      c += x[i + 2] * x[i + 2];
      d += x[i + 3] * x[i + 3];
    }
    for (; i < to; i++) {
      a += x[i] * x[i];
    }
    return (a + b) + (c + d);
  }

  /** Σ |x|. */
  static double sumOfMagnitudes(float[] x, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i < to - 3; i += 4) {
      a += Math.abs(x[i]);
      b += Math.abs(x[i + 1]);
      c += Math.abs(x[i + 2]);
      d += Math.abs(x[i + 3]);
    }
    for (; i < to; i++) {
      a += Math.abs(x[i]);
    }
    return (a + b) + (c + d);
  }

  /**
   * 1, −1 or 0. The two factors carry the smallest subnormal beyond 1, where {@code min} and {@code
   * max} cut it off; comparisons would keep a loop from being vectorized.
   */
  static float sign(float x) {
    return Math.max(-1, Math.min(1, x * 0x1p100f * 0x1p100f));
  }

  static void multiply(float[] x, float[] by, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] *= by[i];
    }
  }

  static void scale(float[] x, int from, int to, float factor) {
    for (int i = from; i < to; i++) {
      x[i] *= factor;
    }
  }

  static void clamp(float[] x, int from, int to, float limit) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(-limit, Math.min(limit, x[i]));
    }
  }

  /** sign(x) · max(|x| − threshold, 0): the proximal step of threshold · Σ|x|. */
  static void softThreshold(float[] x, int from, int to, float threshold) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(x[i] - threshold, 0f) + Math.min(x[i] + threshold, 0f);
    }
  }

  static void raiseToZero(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(x[i], 0f);
    }
  }

  static boolean isFinite(float[] x) {
    boolean finite = true;
    for (float value : x) {
      finite &= Math.abs(value) <= Float.MAX_VALUE;
    }
    return finite;
  }

  static void addMultiple(float[] to, float[] of, int from, int until, float factor) {
    for (int i = from; i < until; i++) {
      to[i] += factor * of[i];
    }
  }
}
