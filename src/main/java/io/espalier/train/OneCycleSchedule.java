package io.espalier.train;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * One rise and one longer fall over a run of {@code length} steps (Smith and Topin 2018,
 * arXiv:1708.07120): PyTorch's {@code OneCycleLR} in two phases, without its cycling of momentum.
 *
 * @param max the rate at the top
 * @param rise the share of the run that rises, PyTorch's {@code pct_start}
 * @param divisor the first rate is max / divisor
 * @param finalDivisor the last rate is the first / finalDivisor
 * @param linear whether straight lines are followed instead of half cosines
 */
record OneCycleSchedule(
    double max, int length, double rise, double divisor, double finalDivisor, boolean linear)
    implements ISchedule {
  private static final long serialVersionUID = 1;

  @Override
  public double valueAt(int iteration, int epoch) {
    double first = max / divisor;
    double top = rise * length - 1;
    double last = length - 1;
    if (iteration <= top) {
      return between(first, max, top > 0 ? iteration / top : 1);
    }
    double from = Math.max(top, 0);
    double share = last > from ? Math.min(1, (iteration - from) / (last - from)) : 1;
    return between(max, first / finalDivisor, share);
  }

  private double between(double start, double end, double share) {
    return linear
        ? start + (end - start) * share
        : end + (start - end) / 2 * (1 + Math.cos(Math.PI * share));
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}
