package io.espalier.train;

import io.espalier.data.Targets;
import io.espalier.random.RandomStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which samples of the training data are kept apart to validate on. Of n samples ⌊n(1 − share)⌋
 * train, as {@code validation_split} of Keras has it.
 *
 * @param share of the samples, between 0 and 1
 */
public record ValidationSplit(double share, Way way) {
  /** Which samples validate. */
  public enum Way {
    /** Those at the end, before any shuffling: Keras. */
    LAST,
    /** Some, whatever they are. */
    RANDOM,
    /** The same share of every class. */
    STRATIFIED
  }

  /** Numbers of samples, each in rising order. */
  public record Parts(int[] training, int[] validation) {}

  public ValidationSplit {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("expected a share between 0 and 1, got " + share);
    }
  }

  /** {@code 0.2[:last|random|stratified]}. */
  public static ValidationSplit parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      if (parts.length <= 2) {
        Way way =
            switch (parts.length == 1 ? "last" : parts[1].strip()) {
              case "last" -> Way.LAST;
              case "random" -> Way.RANDOM;
              case "stratified" -> Way.STRATIFIED;
              default -> throw wrong(text);
            };
        return new ValidationSplit(Double.parseDouble(parts[0].strip()), way);
      }
    } catch (NumberFormatException e) {
      throw wrong(text);
    }
    throw wrong(text);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "expected SHARE[:last|random|stratified], as 0.2:random, got '" + text + "'");
  }

  /**
   * Splits the samples of some data as a run with that seed does.
   *
   * @throws IllegalArgumentException as {@link #split}
   */
  public Parts split(int samples, Optional<Targets> targets, long seed) {
    int[] classes = targets.flatMap(Targets::classes).orElse(null);
    return split(samples, classes, RandomStream.named(seed, "validation split"));
  }

  /**
   * Splits samples 0 to {@code samples − 1}.
   *
   * @param labels the class of every sample; only {@link Way#STRATIFIED} looks at them
   * @throws IllegalArgumentException if a part would be empty, or labels are needed and null
   */
  public Parts split(int samples, int[] labels, RandomStream random) {
    int training = (int) Math.floor(samples * (1 - share));
    if (training == 0 || training == samples) {
      throw new IllegalArgumentException(
          "a share of %s of %d samples leaves %s"
              .formatted(share, samples, training == 0 ? "none to train on" : "none to validate"));
    }
    boolean[] validates = new boolean[samples];
    switch (way) {
      case LAST -> Arrays.fill(validates, training, samples, true);
      case RANDOM -> mark(validates, random.permutation(0, samples), samples - training);
      case STRATIFIED -> stratify(validates, labels, samples - training, random);
    }
    return new Parts(
        IntStream.range(0, samples).filter(i -> !validates[i]).toArray(),
        IntStream.range(0, samples).filter(i -> validates[i]).toArray());
  }

  private static void mark(boolean[] marks, int[] order, int count) {
    for (int i = 0; i < count; i++) {
      marks[order[i]] = true;
    }
  }

  /** Every class gives the whole part of its share; the largest fractions give one more each. */
  private static void stratify(boolean[] validates, int[] labels, int count, RandomStream random) {
    if (labels == null || labels.length != validates.length) {
      throw new IllegalArgumentException("stratified: expected a class for every sample");
    }
    TreeMap<Integer, Integer> sizes = new TreeMap<>();
    for (int label : labels) {
      sizes.merge(label, 1, Integer::sum);
    }
    double share = (double) count / labels.length;
    TreeMap<Integer, Integer> wanted = new TreeMap<>();
    sizes.forEach((label, size) -> wanted.put(label, (int) Math.floor(size * share)));
    int given = wanted.values().stream().mapToInt(Integer::intValue).sum();
    sizes.keySet().stream()
        .sorted(
            (a, b) ->
                Double.compare(
                    sizes.get(b) * share - wanted.get(b), sizes.get(a) * share - wanted.get(a)))
        .limit(count - given)
        .toList()
        .forEach(label -> wanted.merge(label, 1, Integer::sum));
    for (int sample : random.permutation(0, labels.length)) {
      if (wanted.merge(labels[sample], -1, Integer::sum) >= 0) {
        validates[sample] = true;
      }
    }
  }
}
