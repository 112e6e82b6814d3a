package io.espalier.runtime;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** Recognizes class scores among a model's outputs, and takes the first class of each sample. */
final class Classes {
  private Classes() {}

  /** The first float output with a score per sample and class. */
  static Optional<String> scores(Map<String, Datum> outputs, int samples) {
    return outputs.entrySet().stream()
        .filter(output -> isFloat(output.getValue()))
        .findFirst()
        .filter(output -> classes(output.getValue(), samples) >= 2)
        .map(Map.Entry::getKey);
  }

  /** The first output with one float per sample: the probability of the second of two classes. */
  static Optional<String> probability(Map<String, Datum> outputs, int samples) {
    return outputs.entrySet().stream()
        .filter(output -> isFloat(output.getValue()))
        .findFirst()
        .filter(output -> classes(output.getValue(), samples) == 1)
        .map(Map.Entry::getKey);
  }

  /** The first output with one integer per sample. */
  static Optional<String> labels(Map<String, Datum> outputs, int samples) {
    return outputs.entrySet().stream()
        .filter(output -> isInteger(output.getValue()))
        .filter(output -> classes(output.getValue(), samples) == 1)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static boolean isFloat(Datum datum) {
    return datum instanceof Datum.Numbers numbers && numbers.tensor().dataType().isFloat();
  }

  private static boolean isInteger(Datum datum) {
    return datum instanceof Datum.Numbers numbers
        && (numbers.tensor().dataType() == DataType.INT64
            || numbers.tensor().dataType() == DataType.INT32);
  }

  /** Elements per sample where the shape is [N, C] or [N, C, 1, 1]; else 0. */
  static int classes(Datum datum, int samples) {
    Shape shape = ((Datum.Numbers) datum).tensor().shape();
    if (shape.rank() == 1 && samples == 1) {
      return Math.toIntExact(shape.dim(0));
    }
    boolean fits = shape.rank() >= 1 && shape.rank() != 3 && shape.dim(0) == samples && samples > 0;
    for (int axis = 2; fits && axis < shape.rank(); axis++) {
      fits = shape.dim(axis) == 1;
    }
    return fits ? Math.toIntExact(shape.elements() / samples) : 0;
  }

  /** The index of the largest score of each sample, the first of equal ones; NaN is never it. */
  static int[] largest(Tensor scores, int samples) {
    IntToDoubleFunction score = Elements.of(scores).orElseThrow();
    int classes = Math.toIntExact(scores.shape().elements() / samples);
    int[] largest = new int[samples];
    for (int sample = 0; sample < samples; sample++) {
      double best = Double.NaN;
      for (int c = 0; c < classes; c++) {
        double candidate = score.applyAsDouble(sample * classes + c);
        if (candidate > best || (Double.isNaN(best) && !Double.isNaN(candidate))) {
          best = candidate;
          largest[sample] = c;
        }
      }
    }
    return largest;
  }

  /** 1 for each sample whose probability is above one half, else 0. */
  static int[] aboveHalf(Tensor probabilities, int samples) {
    IntToDoubleFunction probability = Elements.of(probabilities).orElseThrow();
    int[] found = new int[samples];
    Arrays.setAll(found, sample -> probability.applyAsDouble(sample) > 0.5 ? 1 : 0);
    return found;
  }
}
