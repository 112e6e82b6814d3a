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
 * @param sparsity the share of zeros in the prunable weights, where the run prunes
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
    OptionalDouble sparsity,
    double learningRate,
    double stepsPerSecond,
    double secondsLeft) {
  private static final int SHORTEST_BAR = 5;
  private static final int LONGEST_BAR = 30;

  /** All of it in a line: {@code epoch 3/10, step 234/4690: loss 0.1, ...}. */
  public String line() {
    return "epoch %d/%d, step %d/%d: %s, %s steps/s, %s left"
        .formatted(
            epoch,
            epochs,
            step,
            steps,
            figures("loss %.4f", ", accuracy %.4f", ", sparsity %.2f %%", ", lr %.3g"),
            pace(),
            time());
  }

  /** The same in fewer characters, with a bar if there is room for one. */
  public String line(int columns) {
    String head = "epoch %d/%d".formatted(epoch, epochs);
    String tail =
        "%d/%d %s %s/s %s"
            .formatted(
                step,
                steps,
                figures("loss %.4f", " acc %.4f", " zeros %.1f%%", " lr %.3g"),
                pace(),
                time());
    int width = Math.min(columns - head.length() - tail.length() - 4, LONGEST_BAR);
    if (width < SHORTEST_BAR) {
      return head + " " + tail;
    }
    int full = (int) (width * step / steps);
    return "%s [%s%s] %s".formatted(head, "#".repeat(full), ".".repeat(width - full), tail);
  }

  private String figures(String lossForm, String accuracyForm, String zerosForm, String rateForm) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, lossForm, loss));
    accuracy.ifPresent(value -> text.append(String.format(Locale.ROOT, accuracyForm, value)));
    sparsity.ifPresent(value -> text.append(String.format(Locale.ROOT, zerosForm, 100 * value)));
    return text.append(String.format(Locale.ROOT, rateForm, learningRate)).toString();
  }

  private String pace() {
    return String.format(Locale.ROOT, stepsPerSecond < 10 ? "%.2f" : "%.0f", stepsPerSecond);
  }

  /** {@code 1:02:03}, or {@code 2:03} within the hour. */
  private String time() {
    long whole = Math.round(secondsLeft);
    long minutes = whole / 60;
    return minutes < 60
        ? "%d:%02d".formatted(minutes, whole % 60)
        : "%d:%02d:%02d".formatted(minutes / 60, minutes % 60, whole % 60);
  }
}
