package io.espalier.train;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * A rise along a straight line, from {@code from} times the rate of the schedule that follows, over
 * {@code steps} steps (Goyal et al. 2017, arXiv:1706.02677).
 *
 * @param prefix whether the time of {@code then} starts after the rise, as in Keras' {@code
 *     CosineDecay}; else the rise is a factor on a schedule that runs from the first step
 */
record WarmupSchedule(ISchedule then, int steps, double from, boolean prefix) implements ISchedule {
  private static final long serialVersionUID = 1;

  @Override
  public double valueAt(int iteration, int epoch) {
    int time = prefix ? Math.max(0, iteration - steps) : iteration;
    double factor = from + (1 - from) * Math.min(1, (double) iteration / steps);
    return factor * then.valueAt(time, epoch);
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}
