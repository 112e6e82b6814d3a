package io.espalier.train;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import io.espalier.runtime.HostTensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/**
 * Writes classes into the targets of a loss: as they are where it takes labels; where it takes
 * numbers, one of them per sample is the class, and several are its one-hot form.
 */
final class TargetWriter {
  private final Value input;
  private final int[] labels;
  private final int width;
  private final long classes;

  /**
   * A writer for one input.
   *
   * @param labels the class of every sample
   * @param classes how many the model knows; 0 if that is not known
   * @throws UnsupportedModelException if the loss judges more than one position of a sample
   */
  TargetWriter(Value input, int[] labels, long classes) {
    this.input = input;
    this.labels = labels;
    this.classes = classes;
    List<Dim> dims = input.type().flatMap(TensorType::dims).orElse(List.of());
    long elements = 1;
    for (Dim dim : dims.isEmpty() ? dims : dims.subList(1, dims.size())) {
      elements = dim instanceof Dim.Known known ? elements * known.size() : -1;
    }
    boolean isLabels = isLabels();
    if (elements < 1 || isLabels && elements != 1) {
      throw new UnsupportedModelException(
          "the model's output has many positions per sample (targets of shape %s), the data have"
                  .formatted(dims)
              + " one label per sample");
    }
    this.width = (int) elements;
  }

  private boolean isLabels() {
    return input.type().orElseThrow().dataType() == DataType.INT64;
  }

  /** Checks that every label is a class of the model. */
  void requireClasses(String data) {
    long limit = isLabels() ? classes : width == 1 ? 0 : width;
    for (int i = 0; limit > 0 && i < labels.length; i++) {
      if (labels[i] >= limit) {
        throw new ModelException(
            "data %s: label of sample %d: the model has classes 0 to %d, got %d"
                .formatted(data, i, limit - 1, labels[i]));
      }
    }
  }

  /** How many positions are judged in each sample. */
  int positions() {
    return isLabels() ? 1 : width;
  }

  HostTensor room(int batch) {
    int rank = input.type().flatMap(TensorType::dims).orElse(List.of()).size();
    long[] dims = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      Dim dim = input.type().flatMap(TensorType::dims).orElseThrow().get(axis);
      dims[axis] = axis > 0 && dim instanceof Dim.Known known ? known.size() : batch;
    }
    return HostTensor.of(input.type().orElseThrow().dataType(), Shape.of(dims));
  }

  void write(int[] rows, HostTensor into) {
    if (isLabels()) {
      LongBuffer classesOf = into.longs();
      for (int row : rows) {
        classesOf.put(labels[row]);
      }
      return;
    }
    FloatBuffer numbers = into.floats();
    for (int row : rows) {
      for (int i = 0; i < width; i++) {
        numbers.put(width == 1 ? labels[row] : labels[row] == i ? 1 : 0);
      }
    }
  }
}
