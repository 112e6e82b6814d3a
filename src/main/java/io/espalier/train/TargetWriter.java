package io.espalier.train;

import io.espalier.data.Targets;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import io.espalier.pass.Activation;
import io.espalier.pass.LossKind;
import io.espalier.runtime.HostTensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes targets into what a loss takes: classes as labels, or as one-hot rows where it takes
 * numbers; numbers as they are, classes moved to axis 1 where the loss has them there.
 */
final class TargetWriter {
  private final Value input;
  private final Targets targets;
  private final TargetFit fit;
  private final LossKind kind;
  private final long[] sample;
  private final int width;
  private final int[] order;

  /**
   * A writer for one input.
   *
   * @throws UnsupportedModelException if the size of the output is not known
   */
  TargetWriter(Value input, Targets targets, LossChoice loss) {
    this.input = input;
    this.targets = targets;
    this.fit = loss.fit().orElseThrow();
    this.kind = loss.kind();
    this.sample = sampleDims();
    this.width = Math.toIntExact(Shape.of(sample).elements());
    boolean moved =
        (kind == LossKind.DISTRIBUTIONS || kind == LossKind.BINARY)
            && fit.head().axis() > 1
            && fit.head().activation() != Activation.SIGMOID;
    this.order = moved ? classesFirst() : IntStream.range(0, width).toArray();
  }

  private long[] sampleDims() {
    List<Dim> dims = input.type().flatMap(TensorType::dims).orElse(List.of());
    long[] known = new long[Math.max(0, dims.size() - 1)];
    for (int axis = 0; axis < known.length; axis++) {
      boolean asTargets = targets.sample().rank() == known.length;
      if (dims.get(axis + 1) instanceof Dim.Known size) {
        known[axis] = size.size();
      } else if (asTargets) {
        known[axis] = targets.sample().dim(axis);
      } else {
        throw new UnsupportedModelException(
            "the loss takes targets of shape %s: expected sizes that are known but for the batch"
                .formatted(dims));
      }
    }
    return known;
  }

  /** For each element of a sample with the classes in front its place where they are at an axis. */
  private int[] classesFirst() {
    int classes = Math.toIntExact(fit.classes());
    int inner =
        Math.toIntExact(Shape.of(fit.dims()).elements(fit.head().axis(), fit.dims().length));
    int outer = width / classes / inner;
    return IntStream.range(0, width)
        .map(
            i -> {
              int c = i / inner / outer;
              int o = i / inner % outer;
              return (o * classes + c) * inner + i % inner;
            })
        .toArray();
  }

  private boolean isLabels() {
    return kind == LossKind.LABELS;
  }

  private boolean isOneHotOfClasses() {
    return !isLabels() && fit.form() == TargetFit.Form.CLASSES;
  }

  /**
   * Checks that every target is one that the loss can judge.
   *
   * @throws ModelException if a class is not one of the model's, or a share not from 0 to 1
   */
  void requireInRange(String data) {
    boolean shares = kind == LossKind.BINARY || kind == LossKind.DISTRIBUTIONS;
    if (fit.form() == TargetFit.Form.CLASSES) {
      requireBelow(data, fit.classes());
    } else if (shares) {
      requireShares(data);
    }
  }

  private void requireBelow(String data, long classes) {
    for (int i = 0; classes > 0 && i < targets.samples() * targets.size(); i++) {
      double label = targets.at(i / targets.size(), i % targets.size());
      if (label >= classes) {
        throw new ModelException(
            "data %s: label of sample %d: the model has classes 0 to %d, got %d"
                .formatted(data, i / targets.size(), classes - 1, (long) label));
      }
    }
  }

  private void requireShares(String data) {
    for (int i = 0; i < targets.samples() * targets.size(); i++) {
      double share = targets.at(i / targets.size(), i % targets.size());
      if (share < 0 || share > 1) {
        throw new ModelException(
            "data %s: target of sample %d: cross-entropy expects numbers from 0 to 1, got %s; --loss"
                    .formatted(data, i / targets.size(), share)
                + " mse takes any");
      }
    }
  }

  /** How many positions are judged in each sample. */
  int positions() {
    return kind == LossKind.DISTRIBUTIONS ? width / (int) fit.classes() : width;
  }

  HostTensor room(int batch) {
    int rank = input.type().flatMap(TensorType::dims).orElse(List.of()).size();
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = axis == 0 ? batch : sample[axis - 1];
    }
    return HostTensor.of(isLabels() ? DataType.INT64 : DataType.FLOAT, Shape.of(dims));
  }

  void write(int[] rows, HostTensor into) {
    if (isLabels()) {
      writeLabels(rows, into.longs());
    } else {
      writeNumbers(rows, into.floats());
    }
  }

  private void writeLabels(int[] rows, LongBuffer labels) {
    int[] classes = targets.classes().filter(found -> width == 1).orElse(null);
    for (int row : rows) {
      for (int i = 0; i < width; i++) {
        labels.put(classes == null ? (long) targets.at(row, i) : classes[row]);
      }
    }
  }

  private void writeNumbers(int[] rows, FloatBuffer numbers) {
    boolean oneHot = isOneHotOfClasses();
    for (int row : rows) {
      for (int i = 0; i < width; i++) {
        double number = oneHot ? targets.at(row, 0) == order[i] ? 1 : 0 : targets.at(row, order[i]);
        numbers.put((float) number);
      }
    }
  }
}
