package io.espalier.train;

/**
 * The mean over samples of a figure that comes as means over batches: Keras' epoch figures. Batches
 * count by their samples, so a smaller last batch counts less.
 */
public final class RunningMean {
  private double sum;
  private double weight;

  public RunningMean() {}

  /** A mean that continues where {@link #sum} and {@link #weight} of another one were. */
  public RunningMean(double sum, double weight) {
    this.sum = sum;
    this.weight = weight;
  }

  /** Counts the mean of a batch of {@code samples} samples. */
  public void add(double batchMean, double samples) {
    sum += batchMean * samples;
    weight += samples;
  }

  /** The mean of all samples so far; NaN before the first. */
  public double mean() {
    return sum / weight;
  }

  public double sum() {
    return sum;
  }

  public double weight() {
    return weight;
  }
}
