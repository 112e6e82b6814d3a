package io.espalier.pipeline;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How far training is after a step.
 *
 * @param epoch that the step is part of, from 1
 * @param epochs of the run
 * @param step from 1, in the whole run
 * @param steps of the run, unless it stops early
 * @param loss the mean over the epoch so far
 * @param accuracy the share of right positions in the epoch so far, where classes are judged
 * @param sparsity the share of zeros in the prunable weights
 * @param learningRate of the step
 * @param stepsPerSecond since this process began to train, validation included
 * @param secondsLeft at that pace
 */
public record TrainingProgress(
    int epoch,
    int epochs,
    long step,
    long steps,
    double loss,
    OptionalDouble accuracy,
    double sparsity,
    double learningRate,
    double stepsPerSecond,
    double secondsLeft) {

  /** Where the run is: {@code epoch 3/10, step 234/4690}. */
  public String place() {
    return "epoch %d/%d, step %d/%d".formatted(epoch, epochs, step, steps);
  }

  /** What it has come to: loss, accuracy, sparsity, learning rate, pace and remaining time. */
  public String figures() {
    String right =
        accuracy.isPresent()
            ? String.format(Locale.ROOT, ", accuracy %.4f", accuracy.getAsDouble())
            : "";
    return String.format(
        Locale.ROOT,
        "loss %.4f%s, sparsity %.2f %%, lr %.3g, %s steps/s, %s left",
        loss,
        right,
        100 * sparsity,
        learningRate,
        String.format(Locale.ROOT, stepsPerSecond < 10 ? "%.2f" : "%.0f", stepsPerSecond),
        time(secondsLeft));
  }

  /** Both in one line. */
  public String line() {
    return place() + ": " + figures();
  }

  /** {@code 1:02:03}, or {@code 2:03} within the hour. */
  private static String time(double seconds) {
    long whole = Math.round(seconds);
    long minutes = whole / 60;
    return minutes < 60
        ? "%d:%02d".formatted(minutes, whole % 60)
        : "%d:%02d:%02d".formatted(minutes / 60, minutes % 60, whole % 60);
  }
}
