package io.espalier.data;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** One input of a model, filled from one array. */
final class Feature {
  private static final int BGR = 3;

  private final RawSamples.Column column;
  private final DataType type;
  private final InputFit fit;
  private final IntToDoubleFunction element;
  private final int size;
  private final int[] source;
  private final double scale;
  private final double[] mean;
  private final double[] std;

  Feature(RawSamples.Column column, String input, TensorType model, Preprocessing preprocessing) {
    this.column = column;
    this.type = model.dataType();
    this.fit = InputFit.of(column, input, model, preprocessing);
    this.element = Elements.of(column.tensor()).orElseThrow();
    this.size = Math.toIntExact(fit.sample().elements());
    int[] moved = fit.order().map(this::permutation).orElse(null);
    this.source = preprocessing.bgr() && type.isFloat() ? reversed(moved) : moved;
    boolean bytes = column.tensor().dataType() == DataType.UINT8;
    this.scale = type.isFloat() ? preprocessing.scale().orElse(bytes ? 1 / 255.0 : 1.0) : 1.0;
    this.mean = perElement("mean", preprocessing.mean(), 0);
    this.std = perElement("std", preprocessing.std(), 1);
  }

  int samples() {
    return Math.toIntExact(column.tensor().shape().dim(0));
  }

  boolean batched() {
    return fit.batched();
  }

  /** What is done by default to the data and may surprise. */
  Optional<String> note(Preprocessing preprocessing) {
    if (fit.order().isPresent()) {
      return Optional.of(column.where() + ": channels moved to fit the model");
    }
    return scale != 1 && preprocessing.scale().isEmpty()
        ? Optional.of(column.where() + ": bytes divided by 255 (--scale 1 leaves them)")
        : Optional.empty();
  }

  /** The samples of those numbers as the model takes them. */
  Tensor batch(int[] rows) {
    long[] sample = fit.sample().dims();
    long[] shape = new long[sample.length + 1];
    shape[0] = rows.length;
    System.arraycopy(sample, 0, shape, 1, sample.length);
    return Elements.tensor(
        type, fit.batched() ? Shape.of(shape) : fit.sample(), i -> value(rows[i / size], i % size));
  }

  private double value(int sample, int index) {
    double raw = element.applyAsDouble(sample * size + (source == null ? index : source[index]));
    if (!Double.isFinite(raw)) {
      throw new ModelException(
          "%s, sample %d: expected numbers, got %s: leave the sample out or fill it in"
              .formatted(column.where(), sample, raw));
    }
    if (!type.isFloat()) {
      return raw;
    }
    double value = raw * scale;
    if (mean != null) {
      value -= mean[index];
    }
    return std == null ? value : value / std[index];
  }

  /** For each element of the model's sample the index in the data's sample. */
  private int[] permutation(int[] order) {
    long[] data = Arrays.copyOfRange(column.tensor().shape().dims(), 1, 4);
    long[] strides = {data[1] * data[2], data[2], 1};
    int[] result = new int[size];
    int next = 0;
    for (int a = 0; a < fit.sample().dim(0); a++) {
      for (int b = 0; b < fit.sample().dim(1); b++) {
        for (int c = 0; c < fit.sample().dim(2); c++) {
          result[next++] =
              (int) (a * strides[order[0]] + b * strides[order[1]] + c * strides[order[2]]);
        }
      }
    }
    return result;
  }

  /** The same with the channels of an image in opposite order. */
  private int[] reversed(int[] moved) {
    int axis = fit.sample().rank() == 3 ? fit.channelAxis(BGR) : -1;
    if (axis < 0) {
      throw new ModelException(
          "%s: --preprocessing caffe turns the order of three channels, a sample has shape %s"
              .formatted(column.where(), fit.sample()));
    }
    int inner = Math.toIntExact(fit.sample().elements(axis + 1, 3));
    int[] result = new int[size];
    for (int i = 0; i < size; i++) {
      int channel = i / inner % BGR;
      int other = i + (BGR - 1 - 2 * channel) * inner;
      result[i] = moved == null ? other : moved[other];
    }
    return result;
  }

  private double[] perElement(String option, List<Double> values, double neutral) {
    if (!type.isFloat() || values.stream().allMatch(value -> value == neutral)) {
      return null;
    }
    double[] result = new double[size];
    if (values.size() == 1) {
      Arrays.fill(result, values.get(0));
      return result;
    }
    int axis = fit.channelAxis(values.size());
    if (axis < 0) {
      throw new ModelException(
          "%s: %d numbers for --%s, expected 1 or one per channel of %s"
              .formatted(column.where(), values.size(), option, fit.sample()));
    }
    int inner = Math.toIntExact(fit.sample().elements(axis + 1, fit.sample().rank()));
    Arrays.setAll(result, i -> values.get(i / inner % values.size()));
    return result;
  }
}
