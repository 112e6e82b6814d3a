package io.espalier.quantize;

/**
 * The numbers that integers from {@code low} to {@code high} stand for: scale · (code − zero).
 *
 * @param scale a float32 above 0
 */
record Grid(double scale, int zero, int low, int high) {

  /** Codes from −high to high, zero point 0; {@code extent} is the largest magnitude. */
  static Grid symmetric(double extent, int high) {
    return new Grid(usable(extent / high), 0, -high, high);
  }

  /** A grid from {@code min} to {@code max}, or to 0 where both are on one side of it. */
  static Grid asymmetric(double min, double max, int low, int high) {
    double from = Math.min(min, 0);
    double scale = usable((Math.max(max, 0) - from) / (high - low));
    int zero = (int) Math.max(low, Math.min(high, Math.rint(low - from / scale)));
    return new Grid(scale, zero, low, high);
  }

  /** As float32, and neither 0 nor so small that its reciprocal is infinite. */
  private static double usable(double scale) {
    float single = (float) scale;
    return single >= 1e-30f ? single : 1;
  }

  /** The code of the number on the grid that is nearest to {@code x}; halves go to even codes. */
  int code(double x) {
    return (int) Math.max(low, Math.min(high, Math.rint(x / scale) + zero));
  }

  double value(int code) {
    return scale * (code - zero);
  }
}
