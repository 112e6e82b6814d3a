package io.espalier.train;

import java.util.OptionalDouble;

/**
 * What the steps of an unfinished epoch have come to.
 *
 * @param loss over the samples
 * @param right positions that were right; NaN where none are judged
 * @param seconds that the steps took
 */
public record EpochSoFar(RunningMean loss, double right, double seconds) {
  /** Before the first step. */
  static EpochSoFar none() {
    return new EpochSoFar(new RunningMean(), 0, 0);
  }

  /** After one step more. */
  EpochSoFar and(double stepLoss, double stepRight, int samples, double stepSeconds) {
    RunningMean mean = new RunningMean(loss.sum(), loss.weight());
    mean.add(stepLoss, samples);
    return new EpochSoFar(mean, right + stepRight, seconds + stepSeconds);
  }

  /** The share of right positions, where any are judged. */
  OptionalDouble accuracy(int positions) {
    return Double.isNaN(right)
        ? OptionalDouble.empty()
        : OptionalDouble.of(right / (loss.weight() * positions));
  }
}
