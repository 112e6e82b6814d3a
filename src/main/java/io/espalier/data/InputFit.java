package io.espalier.data;

import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * How one sample of an array becomes one sample of a model's input.
 *
 * @param sample the shape that the model sees, without the batch
 * @param batched whether the model's input has an axis for the batch in front
 * @param order where transposed: for each axis of {@code sample} the axis of the data; else empty
 */
record InputFit(Shape sample, boolean batched, Optional<int[]> order) {
  private static final int[] TO_CHANNELS_FIRST = {2, 0, 1};
  private static final int[] TO_CHANNELS_LAST = {1, 2, 0};

  /**
   * Fits data to an input: as they are, else with axes of size 1 inserted or removed, else
   * flattened or folded; images also with their channels moved.
   *
   * @throws ModelException if no way leads from one to the other
   */
  static InputFit of(
      RawSamples.Column column, String input, TensorType type, Preprocessing preprocessing) {
    Shape data = column.tensor().shape();
    if (!Elements.isNumber(type.dataType())) {
      throw new ModelException(
          "%s: input '%s' of the model takes %s, the data are numbers"
              .formatted(column.where(), input, type.dataType()));
    }
    if (data.rank() < 1 || data.dim(0) < 1) {
      throw new ModelException(
          "%s: expected at least one sample, along axis 0, got shape %s"
              .formatted(column.where(), data));
    }
    long[] one = Arrays.copyOfRange(data.dims(), 1, data.rank());
    List<Dim> dims = type.dims().orElse(List.of());
    if (dims.isEmpty()) {
      return new InputFit(Shape.of(one), true, Optional.empty());
    }
    return fit(one, dims.subList(1, dims.size()), true, preprocessing)
        .or(() -> fit(one, dims, false, preprocessing))
        .orElseThrow(
            () ->
                new ModelException(
                    "%s: a sample has shape %s, input '%s' of the model is %s: bring samples into it"
                            .formatted(column.where(), Shape.of(one), input, type)
                        + " (images: --layout)"));
  }

  private static Optional<InputFit> fit(
      long[] data, List<Dim> model, boolean batched, Preprocessing preprocessing) {
    List<int[]> orders = new ArrayList<>();
    Optional<Preprocessing.Layout> layout = preprocessing.layout();
    if (data.length == 3 && layout.isPresent() && model.size() == 3) {
      boolean last = layout.get() == Preprocessing.Layout.NHWC;
      boolean modelLast = channelsLast(model);
      if (last != modelLast) {
        return Optional.of(modelLast ? TO_CHANNELS_LAST : TO_CHANNELS_FIRST)
            .filter(order -> matches(permute(data, order), model))
            .map(
                order -> new InputFit(Shape.of(permute(data, order)), batched, Optional.of(order)));
      }
    }
    if (matches(data, model)) {
      return Optional.of(new InputFit(Shape.of(data), batched, Optional.empty()));
    }
    if (data.length == 3 && layout.isEmpty()) {
      orders.add(TO_CHANNELS_FIRST);
      orders.add(TO_CHANNELS_LAST);
    }
    for (int[] order : orders) {
      long[] permuted = permute(data, order);
      if (matches(permuted, model)) {
        return Optional.of(new InputFit(Shape.of(permuted), batched, Optional.of(order)));
      }
    }
    return reshaped(data, model)
        .map(shape -> new InputFit(Shape.of(shape), batched, Optional.empty()));
  }

  /** Whether the last axis rather than the first has the size of channels: 1, 3 or 4. */
  private static boolean channelsLast(List<Dim> dims) {
    return !isChannels(dims.get(0)) && isChannels(dims.get(dims.size() - 1));
  }

  private static boolean isChannels(Dim dim) {
    return dim instanceof Dim.Known known && known.size() <= 4;
  }

  private static boolean matches(long[] sizes, List<Dim> dims) {
    if (sizes.length != dims.size()) {
      return false;
    }
    for (int axis = 0; axis < sizes.length; axis++) {
      if (dims.get(axis) instanceof Dim.Known known && known.size() != sizes[axis]) {
        return false;
      }
    }
    return true;
  }

  private static long[] permute(long[] sizes, int[] order) {
    return Arrays.stream(order).mapToLong(axis -> sizes[axis]).toArray();
  }

  private static Optional<long[]> reshaped(long[] data, List<Dim> model) {
    List<Long> rest = new ArrayList<>();
    LongStream.of(data).filter(size -> size != 1).forEach(rest::add);
    long[] aligned = new long[model.size()];
    if (align(rest, 0, model, 0, aligned)) {
      return Optional.of(aligned);
    }
    long elements = LongStream.of(data).reduce(1, Math::multiplyExact);
    long known = 1;
    int free = -1;
    for (int axis = 0; axis < model.size(); axis++) {
      if (model.get(axis) instanceof Dim.Known size) {
        aligned[axis] = size.size();
        known = Math.multiplyExact(known, size.size());
      } else if (free >= 0) {
        return Optional.empty();
      } else {
        free = axis;
      }
    }
    if (free >= 0 && known > 0 && elements % known == 0) {
      aligned[free] = elements / known;
      known = elements;
    }
    return known == elements && !model.isEmpty() ? Optional.of(aligned) : Optional.empty();
  }

  /** Matches sizes other than 1 with the model's axes in order, putting 1 where that helps. */
  private static boolean align(
      List<Long> sizes, int next, List<Dim> model, int axis, long[] aligned) {
    if (axis == model.size()) {
      return next == sizes.size();
    }
    Dim dim = model.get(axis);
    Long known = dim instanceof Dim.Known size ? (Long) size.size() : null;
    if (next < sizes.size() && (known == null || known.equals(sizes.get(next)))) {
      aligned[axis] = sizes.get(next);
      if (align(sizes, next + 1, model, axis + 1, aligned)) {
        return true;
      }
    }
    if (known == null || known == 1) {
      aligned[axis] = 1;
      return align(sizes, next, model, axis + 1, aligned);
    }
    return false;
  }

  /** The axis of {@code sample} that counts {@code channels}; -1 if there is none. */
  int channelAxis(int channels) {
    if (sample.rank() >= 1 && sample.dim(0) == channels) {
      return 0;
    }
    return sample.rank() >= 1 && sample.dim(sample.rank() - 1) == channels ? sample.rank() - 1 : -1;
  }
}
