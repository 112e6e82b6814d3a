package io.espalier.runtime;

import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * Counts the samples that a model classifies as they are labelled, a batch at a time.
 *
 * <p>The class is that of the largest score where the first float output is [N, C] or [N, C, 1, 1];
 * where it has one number per sample, 1 if that is above 0.5, else 0; without a float output of
 * either form, what the first output with one integer per sample says.
 */
public final class Accuracy {
  private long samples;
  private long right;

  /**
   * Takes in the outputs for one batch.
   *
   * @param labels the class of each sample
   * @throws ModelException if no output says what class a sample has, or if a label is not one of
   *     its classes
   */
  public void add(Map<String, Datum> outputs, int[] labels) {
    int[] found = classify(outputs, labels);
    for (int i = 0; i < labels.length; i++) {
      right += found[i] == labels[i] ? 1 : 0;
    }
    samples += labels.length;
  }

  private int[] classify(Map<String, Datum> outputs, int[] labels) {
    int batch = labels.length;
    Optional<String> scores = Classes.scores(outputs, batch);
    if (scores.isPresent()) {
      Datum.Numbers datum = (Datum.Numbers) outputs.get(scores.get());
      check(labels, Classes.classes(datum, batch), scores.get());
      return Classes.largest(datum.tensor(), batch);
    }
    Optional<String> probability = Classes.probability(outputs, batch);
    if (probability.isPresent()) {
      check(labels, 2, probability.get());
      return Classes.aboveHalf(tensor(outputs, probability.get()), batch);
    }
    String integers =
        Classes.labels(outputs, batch)
            .orElseThrow(
                () ->
                    new ModelException(
                        "accuracy: expected an output of shape [%d, classes] or [%d, 1], got %s"
                            .formatted(batch, batch, shapes(outputs))));
    var elements = Elements.of(tensor(outputs, integers)).orElseThrow();
    int[] found = new int[batch];
    java.util.Arrays.setAll(found, sample -> (int) elements.applyAsDouble(sample));
    return found;
  }

  private void check(int[] labels, int classes, String output) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new ModelException(
            "label of sample %d: output '%s' has classes 0 to %d, got %d"
                .formatted(samples + i, output, classes - 1, labels[i]));
      }
    }
  }

  private static Tensor tensor(Map<String, Datum> outputs, String name) {
    return ((Datum.Numbers) outputs.get(name)).tensor();
  }

  private static String shapes(Map<String, Datum> outputs) {
    StringBuilder text = new StringBuilder();
    outputs.forEach(
        (name, datum) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(
                    datum instanceof Datum.Numbers numbers
                        ? numbers.tensor().dataType() + " " + numbers.tensor().shape()
                        : datum.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT)));
    return text.toString();
  }

  public long samples() {
    return samples;
  }

  /** The share of samples classified as labelled, in [0, 1]; NaN without samples. */
  public double share() {
    return (double) right / samples;
  }
}
