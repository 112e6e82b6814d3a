package io.espalier.data;

import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * What samples are judged by, as the data have it: numbers, the same count for each sample. Whether
 * they are classes, distributions or values to reach is for those to say who know the model.
 */
public final class Targets {
  private final RawSamples.Column column;
  private final Shape sample;
  private final int samples;
  private final int size;
  private final IntToDoubleFunction element;
  private final int[] classes;
  private final boolean whole;

  private Targets(RawSamples.Column column, int samples) {
    Shape shape = column.tensor().shape();
    if (shape.rank() < 1 || shape.dim(0) != samples) {
      throw new ModelException(
          "%s: expected %d targets, one per sample, got shape %s"
              .formatted(column.where(), samples, shape));
    }
    this.column = column;
    this.samples = samples;
    this.sample = Shape.of(Arrays.copyOfRange(shape.dims(), 1, shape.rank()));
    this.size = Math.toIntExact(sample.elements());
    this.element = Elements.of(column.tensor()).orElseThrow();
    this.whole = requireNumbers();
    this.classes = whole && shape.rank() <= 2 ? Labels.read(this) : null;
  }

  /**
   * Targets of {@code samples} samples.
   *
   * @throws ModelException if there are others, or one is not a number
   */
  static Targets of(RawSamples.Column column, int samples) {
    return new Targets(column, samples);
  }

  private boolean requireNumbers() {
    boolean allWhole = true;
    for (int i = 0; i < samples * size; i++) {
      double value = element.applyAsDouble(i);
      if (Double.isNaN(value) || Double.isInfinite(value)) {
        throw new ModelException(
            "%s, sample %d: expected numbers, got %s".formatted(where(), i / size, value));
      }
      allWhole &= value >= 0 && value == Math.rint(value) && value <= Integer.MAX_VALUE;
    }
    return allWhole;
  }

  /** For messages: file and key. */
  public String where() {
    return column.where();
  }

  public int samples() {
    return samples;
  }

  /** The shape of what one sample has; scalar for one number. */
  public Shape sample() {
    return sample;
  }

  /** Numbers for each sample. */
  public int size() {
    return size;
  }

  /** Number {@code index} of a sample. */
  public double at(int number, int index) {
    return element.applyAsDouble(number * size + index);
  }

  /** Whether all are class numbers: whole, from 0 on. */
  public boolean whole() {
    return whole;
  }

  /**
   * Checks that all are class numbers.
   *
   * @throws ModelException if not, naming the first sample that is none
   */
  public void requireWhole() {
    for (int i = 0; i < samples * size && !whole; i++) {
      double value = element.applyAsDouble(i);
      if (value < 0 || value != Math.rint(value) || value > Integer.MAX_VALUE) {
        throw new ModelException(
            "%s, sample %d: expected a class number from 0 on, got %s"
                .formatted(where(), i / size, value == Math.rint(value) ? (long) value : value));
      }
    }
  }

  /**
   * The class of each sample, where there is one: class numbers of shape [N] or [N, 1], or one-hot
   * rows of shape [N, C].
   */
  public Optional<int[]> classes() {
    return Optional.ofNullable(classes);
  }
}
