package io.espalier.train;

import io.espalier.data.Targets;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.pass.LossKind;
import io.espalier.runtime.Datum;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Holds what a model gives against targets, a batch at a time. Classes go by the largest score of a
 * position, the first of equal ones; binary ones by whether a probability is above 0.5; numbers by
 * their errors.
 */
public final class Judge {
  private final String output;
  private final TargetFit fit;
  private final LossKind kind;
  private final boolean logits;
  private final Targets targets;
  private final Confusion confusion;
  private long samples;
  private long positions;
  private long right;
  private double squares;
  private double magnitudes;

  Judge(LossChoice loss, Targets targets) {
    this.fit = loss.fit().orElseThrow();
    this.kind = loss.kind();
    this.output = fit.head().output().name();
    this.logits = fit.head().raw() == fit.head().output();
    this.targets = targets;
    int classes = kind == LossKind.BINARY && fit.classes() == 1 ? 2 : (int) fit.classes();
    boolean counted = isOfClasses() || kind == LossKind.BINARY && fit.classes() == 1;
    this.confusion =
        counted && classes > 1
            ? new Confusion(IntStream.range(0, classes).mapToObj(Integer::toString).toList())
            : null;
  }

  private boolean isOfClasses() {
    return kind == LossKind.LABELS || kind == LossKind.DISTRIBUTIONS;
  }

  /**
   * Takes in the outputs for the samples of those numbers.
   *
   * @throws ModelException if the judged output is not there or has another size, or if a label is
   *     none of its classes
   */
  public void add(Map<String, Datum> outputs, int[] rows) {
    int count = rows.length;
    if (!(outputs.get(output) instanceof Datum.Numbers numbers)) {
      throw new ModelException("output '" + output + "': expected numbers, got none");
    }
    Tensor tensor = numbers.tensor();
    IntToDoubleFunction given = Elements.of(tensor).orElseThrow();
    int width = Math.toIntExact(tensor.shape().elements() / count);
    for (int i = 0; i < count; i++) {
      int start = i * width;
      IntToDoubleFunction sample = index -> given.applyAsDouble(start + index);
      if (isOfClasses()) {
        addClasses(rows[i], sample, tensor.shape());
      } else {
        addNumbers(rows[i], sample, width);
      }
    }
    samples += count;
  }

  private void addClasses(int number, IntToDoubleFunction scores, Shape shape) {
    int axis = fit.head().axis();
    int classes = Math.toIntExact(shape.dim(axis));
    int inner = Math.toIntExact(shape.elements(axis + 1, shape.rank()));
    int outer = Math.toIntExact(shape.elements(1, axis));
    for (int position = 0; position < outer * inner; position++) {
      int start = position / inner * classes * inner + position % inner;
      int found = largest(scores, start, inner, classes);
      int actual = actual(number, position, start, inner, classes);
      if (actual >= classes) {
        throw new ModelException(
            "%s: label of sample %d: output '%s' has classes 0 to %d, got %d"
                .formatted(targets.where(), number, output, classes - 1, actual));
      }
      count(actual, found);
    }
  }

  private int actual(int number, int position, int start, int inner, int classes) {
    if (fit.form() == TargetFit.Form.CLASSES) {
      return (int) targets.at(number, position);
    }
    return largest(index -> targets.at(number, index), start, inner, classes);
  }

  private void count(int actual, int found) {
    positions++;
    right += actual == found ? 1 : 0;
    if (confusion != null) {
      confusion.add(actual, found);
    }
  }

  private static int largest(IntToDoubleFunction scores, int start, int step, int classes) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      double score = scores.applyAsDouble(start + c * step);
      if (score > scores.applyAsDouble(start + best * step)) {
        best = c;
      }
    }
    return best;
  }

  private void addNumbers(int number, IntToDoubleFunction given, int width) {
    boolean oneHot = fit.form() == TargetFit.Form.CLASSES;
    if (!oneHot && width != targets.size()) {
      throw new ModelException(
          "output '%s': expected %d numbers per sample, as the targets have, got %d"
              .formatted(output, targets.size(), width));
    }
    double limit = logits ? 0 : 0.5;
    for (int i = 0; i < width; i++) {
      double target = oneHot ? targets.at(number, 0) == i ? 1 : 0 : targets.at(number, i);
      double value = given.applyAsDouble(i);
      if (kind == LossKind.BINARY) {
        count(target > 0.5 ? 1 : 0, value > limit ? 1 : 0);
      } else {
        positions++;
        squares += (value - target) * (value - target);
        magnitudes += Math.abs(value - target);
      }
    }
  }

  public long samples() {
    return samples;
  }

  /** The share of positions that are right; absent where numbers are judged by their errors. */
  public OptionalDouble accuracy() {
    return kind.isOfNumbers()
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) right / positions);
  }

  /** The mean squared error; absent where classes are judged. */
  public OptionalDouble squaredError() {
    return kind.isOfNumbers() ? OptionalDouble.of(squares / positions) : OptionalDouble.empty();
  }

  /** The mean absolute error; absent where classes are judged. */
  public OptionalDouble absoluteError() {
    return kind.isOfNumbers() ? OptionalDouble.of(magnitudes / positions) : OptionalDouble.empty();
  }

  /** What was taken for what; absent where each position has not one class among several. */
  public Optional<Confusion> confusion() {
    return Optional.ofNullable(confusion);
  }
}
