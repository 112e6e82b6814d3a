package io.espalier.prune;

/**
 * The sparsity that is to be reached at each step of a training run: a pure function. When masks
 * are updated is not its concern.
 */
@FunctionalInterface
public interface PruningSchedule {
  /** The sparsity at {@code step}, in [0, 1); steps count from 1, and any {@code long} is valid. */
  double sparsityAt(long step);

  /** The same sparsity at every step. */
  record Constant(double sparsity) implements PruningSchedule {
    public Constant {
      requireSparsity("sparsity", sparsity);
    }

    @Override
    public double sparsityAt(long step) {
      return sparsity;
    }
  }

  /**
   * From {@code initial} at step {@code begin} to {@code last} at step {@code end}, fast first and
   * slow at the end: {@code last + (initial - last) (1 - (step - begin) / (end - begin))^power}
   * (arXiv:1710.01878 has power 3). Before {@code begin} it is {@code initial}, from {@code end} on
   * {@code last}; with {@code begin == end} it is {@code last} at that step.
   */
  record PolynomialDecay(double initial, double last, long begin, long end, double power)
      implements PruningSchedule {
    public static final double DEFAULT_POWER = 3;

    public PolynomialDecay {
      requireSparsity("initial sparsity", initial);
      requireSparsity("final sparsity", last);
      if (begin < 0 || end < begin) {
        throw new IllegalArgumentException(
            "steps of the schedule: expected 0 <= begin <= end, got begin %d and end %d"
                .formatted(begin, end));
      }
      if (!(power > 0) || Double.isInfinite(power)) {
        throw new IllegalArgumentException("power: expected more than 0, got " + power);
      }
    }

    @Override
    public double sparsityAt(long step) {
      if (step >= end) {
        return last;
      }
      if (step <= begin) {
        return initial;
      }
      double left = 1 - (double) (step - begin) / (end - begin);
      return last + (initial - last) * Math.pow(left, power);
    }
  }

  private static void requireSparsity(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          what + ": expected 0 up to but not including 1, got " + value);
    }
  }
}
