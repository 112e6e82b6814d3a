package io.espalier.data;

import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.function.IntToDoubleFunction;

/** Reads labels: class numbers of shape [N] or [N, 1], or one-hot rows of shape [N, C]. */
final class Labels {
  private Labels() {}

  /**
   * The class of each sample.
   *
   * @throws ModelException if there are not {@code samples} labels, or if one is neither a class
   *     number nor one-hot
   */
  static int[] read(RawSamples.Column column, int samples) {
    Tensor tensor = column.tensor();
    Shape shape = tensor.shape();
    if (shape.rank() < 1 || shape.rank() > 2) {
      throw new ModelException(
          "%s: expected labels of shape [samples] or [samples, classes], got %s"
              .formatted(column.where(), shape));
    }
    if (shape.dim(0) != samples) {
      throw new ModelException(
          "%s: expected %d labels, one per sample, got %d"
              .formatted(column.where(), samples, shape.dim(0)));
    }
    IntToDoubleFunction element = Elements.of(tensor).orElseThrow();
    int width = shape.rank() == 2 ? Math.toIntExact(shape.dim(1)) : 1;
    int[] labels = new int[samples];
    for (int sample = 0; sample < samples; sample++) {
      labels[sample] =
          width == 1
              ? number(column, sample, element.applyAsDouble(sample))
              : oneHot(column, sample, width, element);
    }
    return labels;
  }

  private static int number(RawSamples.Column column, int sample, double value) {
    if (value < 0 || value != Math.rint(value) || value > Integer.MAX_VALUE) {
      throw new ModelException(
          "%s, sample %d: expected a class number from 0 on, got %s"
              .formatted(column.where(), sample, text(value)));
    }
    return (int) value;
  }

  private static int oneHot(
      RawSamples.Column column, int sample, int width, IntToDoubleFunction element) {
    int found = -1;
    for (int c = 0; c < width; c++) {
      double value = element.applyAsDouble(sample * width + c);
      if (value == 1 && found < 0) {
        found = c;
      } else if (value != 0) {
        throw notOneHot(column, sample, width);
      }
    }
    if (found < 0) {
      throw notOneHot(column, sample, width);
    }
    return found;
  }

  private static ModelException notOneHot(RawSamples.Column column, int sample, int width) {
    return new ModelException(
        "%s, sample %d: expected a single 1 among %d numbers, the others 0"
            .formatted(column.where(), sample, width));
  }

  private static String text(double value) {
    return value == Math.rint(value) && !Double.isInfinite(value)
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
