package io.espalier.train;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The figures of an epoch, by Keras' names. Those of training are means over its batches, taken
 * while the weights moved.
 *
 * @param epoch from 0
 * @param loss that of the data and the penalties
 * @param accuracy the share of right positions, where classes are judged
 * @param valLoss that of the validation data at the end, without penalties
 * @param sparsity the share of zeros in the prunable weights at the end
 * @param rate the learning rate of the last step
 * @param seconds of training, without validation
 */
public record Epoch(
    int epoch,
    double loss,
    OptionalDouble accuracy,
    OptionalDouble valLoss,
    OptionalDouble valAccuracy,
    double sparsity,
    double rate,
    double seconds) {

  /** The value of a figure; NaN where there is none. */
  double value(Monitor monitor) {
    return switch (monitor) {
      case LOSS -> loss;
      case ACCURACY -> accuracy.orElse(Double.NaN);
      case VAL_LOSS -> valLoss.orElse(Double.NaN);
      case VAL_ACCURACY -> valAccuracy.orElse(Double.NaN);
    };
  }

  /** One line for people, who count epochs from 1. */
  public String line(int epochs) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "epoch %d/%d: loss %.4f", epoch + 1, epochs, loss));
    append(text, ", accuracy %.4f", accuracy);
    append(text, ", val_loss %.4f", valLoss);
    append(text, ", val_accuracy %.4f", valAccuracy);
    if (sparsity > 0) {
      text.append(String.format(Locale.ROOT, ", sparsity %.2f %%", 100 * sparsity));
    }
    text.append(String.format(Locale.ROOT, ", lr %.3g, %.1f s", rate, seconds));
    return text.toString();
  }

  private static void append(StringBuilder text, String form, OptionalDouble figure) {
    figure.ifPresent(value -> text.append(String.format(Locale.ROOT, form, value)));
  }
}
