package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Operators that take elements between the pixels of images: written as products of the pixels
 * around with their weights, which have gradients for images and positions.
 */
final class SamplingForms {
  static final Map<String, StandardForm> FORMS =
      Map.ofEntries(
          entry("AffineGrid", SamplingForms::affineGrid),
          entry("GridSample", SamplingForms::gridSample),
          entry("RoiAlign", SamplingForms::roiAlign));

  private final Upgrade u;
  private final Ops ops;

  private SamplingForms(Upgrade u, Ops ops) {
    this.u = u;
    this.ops = ops;
  }

  /** The pixels along one axis that positions lie between, with their weights. */
  private record Neighbours(List<Value> indices, List<Value> weights) {}

  private Value number(double number) {
    return u.number(number);
  }

  private Value atLeast(Value x, Value least) {
    return ops.call("Max", x, least);
  }

  private Value atMost(Value x, Value most) {
    return ops.call("Min", x, most);
  }

  /** The number of elements along an axis of the first input, as float. */
  private Value size(int axis) {
    Value size = ops.squeeze(ops.shape(u.x(), axis, axis + 1L), 0);
    return ops.cast(size, u.dataType(u.x()));
  }

  /** {@code zeros}: beyond the first and the last pixel there are zeros. */
  private Neighbours linear(Value positions, Value size, boolean zeros) {
    Value low = ops.call("Floor", positions);
    Value part = ops.sub(positions, low);
    Neighbours found = new Neighbours(new ArrayList<>(), new ArrayList<>());
    add(found, low, ops.sub(number(1), part), size, zeros);
    add(found, ops.add(low, number(1)), part, size, zeros);
    return found;
  }

  private void add(Neighbours found, Value index, Value weight, Value size, boolean zeros) {
    Value last = ops.sub(size, number(1));
    Value inside = atMost(atLeast(index, number(0)), last);
    found.indices().add(ops.cast(inside, DataType.INT64));
    Value there = ops.cast(ops.equal(inside, index), u.dataType(u.x()));
    found.weights().add(zeros ? ops.mul(weight, there) : weight);
  }

  private static List<Value> gridSample(Upgrade u, Ops ops) {
    return List.of(new SamplingForms(u, ops).gridSample());
  }

  private Value gridSample() {
    int axes = u.rank(u.x()) - 2;
    String mode = u.node().stringAttribute("mode", "linear");
    String padding = u.node().stringAttribute("padding_mode", "zeros");
    if (mode.endsWith("cubic") || padding.equals("reflection")) {
      throw u.refuse("its mode is '%s', its padding_mode '%s'".formatted(mode, padding));
    }
    List<Neighbours> all = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      Value size = size(axis + 2);
      Value positions = positions(axis, axes, size);
      if (padding.equals("border")) {
        positions = atMost(atLeast(positions, number(0)), ops.sub(size, number(1)));
      }
      all.add(
          mode.equals("nearest")
              ? nearest(positions, size)
              : linear(positions, size, padding.equals("zeros")));
    }
    Value x = ops.reshape(u.x(), 0, 0, -1);
    Value wide = ops.concat(0, List.of(ops.ints(1), ops.shape(u.x(), 1, 2), ops.ints(1)));
    List<Value> terms = new ArrayList<>();
    for (int corner = 0; corner < corners(all); corner++) {
      Value index = ops.expand(ops.unsqueeze(index(all, corner), 1), wide);
      Value pixels = ops.call("GatherElements", Map.of("axis", Attribute.of(2)), x, index);
      terms.add(ops.mul(pixels, ops.unsqueeze(weight(all, corner), 1)));
    }
    Value sizes = ops.shape(u.input(1), 1, 1L + axes);
    return ops.reshape(ops.sum(terms), ops.concat(0, List.of(ops.shape(u.x(), 0, 2), sizes)));
  }

  private Neighbours nearest(Value positions, Value size) {
    Neighbours found = new Neighbours(new ArrayList<>(), new ArrayList<>());
    add(
        found,
        ops.call("Round", positions),
        ops.add(ops.mul(positions, number(0)), number(1)),
        size,
        true);
    return found;
  }

  /** Where the grid points to along an axis, in pixels: [batch, points]. The last axis is first. */
  private Value positions(int axis, int axes, Value size) {
    Value grid = ops.gather(u.input(1), ops.scalar(DataType.INT64, axes - 1L - axis), -1);
    Value shifted = ops.add(ops.reshape(grid, 0, -1), number(1));
    Value half = number(0.5);
    return u.node().intAttribute("align_corners", 0) != 0
        ? ops.mul(shifted, ops.mul(ops.sub(size, number(1)), half))
        : ops.sub(ops.mul(shifted, ops.mul(size, half)), half);
  }

  private static int corners(List<Neighbours> all) {
    return all.stream().mapToInt(one -> one.indices().size()).reduce(1, (a, b) -> a * b);
  }

  private static int choice(List<Neighbours> all, int corner, int axis) {
    return (corner >> axis) % all.get(axis).indices().size();
  }

  /** The index of a corner's pixel in an image whose axes are one. */
  private Value index(List<Neighbours> all, int corner) {
    Value index = null;
    for (int axis = 0; axis < all.size(); axis++) {
      Value own = all.get(axis).indices().get(choice(all, corner, axis));
      Value length = ops.squeeze(ops.shape(u.x(), axis + 2L, axis + 3L), 0);
      index = index == null ? own : ops.add(ops.mul(index, length), own);
    }
    return index;
  }

  private Value weight(List<Neighbours> all, int corner) {
    Value weight = null;
    for (int axis = 0; axis < all.size(); axis++) {
      Value own = all.get(axis).weights().get(choice(all, corner, axis));
      weight = weight == null ? own : ops.mul(weight, own);
    }
    return weight;
  }

  private static List<Value> affineGrid(Upgrade u, Ops ops) {
    return List.of(new SamplingForms(u, ops).affineGrid());
  }

  /** theta [batch, axes, axes + 1] times the positions of all points, of which the last is 1. */
  private Value affineGrid() {
    int axes = Math.toIntExact(u.knownDim(u.x(), 1));
    long[] from = {2};
    Value sizes = ops.slice(u.input(1), from, new long[] {2L + axes}, new long[1], new long[] {1});
    List<Value> rows = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      int own = axis;
      long[] others = LongStream.range(0, axes).filter(other -> other != own).toArray();
      Value positions = ops.expand(ops.unsqueeze(positions(sizes, axis), others), sizes);
      rows.add(ops.reshape(positions, 1, -1));
    }
    Collections.reverse(rows);
    rows.add(ops.add(ops.mul(rows.get(0), number(0)), number(1)));
    Value points = ops.matMul(u.x(), ops.concat(0, rows));
    Value last = ops.ints(axes);
    Value shape = ops.concat(0, List.of(ops.shape(u.x(), 0, 1), sizes, last));
    return ops.reshape(ops.transpose(points, 0, 2, 1), shape);
  }

  /** From -1 to 1 along an axis: the middles of the pixels, or with the corners at both ends. */
  private Value positions(Value sizes, int axis) {
    Value size = ops.gather(sizes, ops.scalar(DataType.INT64, axis), 0);
    Value count = ops.range(ops.scalar(DataType.INT64, 0), size, ops.scalar(DataType.INT64, 1));
    Value numbers = ops.cast(count, u.dataType(u.x()));
    Value all = ops.cast(size, u.dataType(u.x()));
    boolean corners = u.node().intAttribute("align_corners", 0) != 0;
    Value part =
        corners
            ? ops.div(numbers, atLeast(ops.sub(all, number(1)), number(1)))
            : ops.div(ops.add(numbers, number(0.5)), all);
    return ops.sub(ops.mul(part, number(2)), number(1));
  }

  private static List<Value> roiAlign(Upgrade u, Ops ops) {
    return List.of(new SamplingForms(u, ops).roiAlign());
  }

  /** The means of points in the bins of each region. The inputs are images, regions, and whose. */
  private Value roiAlign() {
    long samples = u.node().intAttribute("sampling_ratio", 0);
    String mode = u.node().stringAttribute("mode", "avg");
    if (samples < 1 || !mode.equals("avg")) {
      throw u.refuse("its sampling_ratio is %d, its mode '%s'".formatted(samples, mode));
    }
    long height = u.node().intAttribute("output_height", 1);
    long width = u.node().intAttribute("output_width", 1);
    Neighbours y = region(1, 2, height, samples);
    Neighbours x = region(0, 3, width, samples);
    Value images = ops.reshape(ops.transpose(u.x(), 1, 0, 2, 3), ops.ints(0, -1));
    Value one = ops.squeeze(ops.mul(ops.shape(u.x(), 2, 3), ops.shape(u.x(), 3, 4)), 0);
    Value first = ops.unsqueeze(ops.mul(u.input(2), one), 1, 2);
    Value row = ops.squeeze(ops.shape(u.x(), 3, 4), 0);
    List<Value> terms = new ArrayList<>();
    for (int corner = 0; corner < 4; corner++) {
      Value down = ops.mul(ops.unsqueeze(y.indices().get(corner / 2), 2), row);
      Value index = ops.add(ops.add(first, down), ops.unsqueeze(x.indices().get(corner % 2), 1));
      Value weight =
          ops.mul(
              ops.unsqueeze(y.weights().get(corner / 2), 2),
              ops.unsqueeze(x.weights().get(corner % 2), 1));
      terms.add(ops.mul(ops.gather(images, index, 1), weight));
    }
    Value bins = ops.reshape(ops.sum(terms), ops.ints(0, 0, height, samples, width, samples));
    return ops.transpose(ops.reduceMean(bins, new long[] {3, 5}, false), 1, 0, 2, 3);
  }

  /** The pixels around the points of all regions along an axis: [regions, bins · samples]. */
  private Neighbours region(int from, int axis, long bins, long samples) {
    boolean half =
        u.node()
            .stringAttribute("coordinate_transformation_mode", "half_pixel")
            .equals("half_pixel");
    Value scale = number(u.node().floatAttribute("spatial_scale", 1));
    Value start = ops.mul(bound(from), scale);
    Value length = ops.sub(ops.mul(bound(from + 2), scale), start);
    if (half) {
      start = ops.sub(start, number(0.5));
    } else {
      length = atLeast(length, number(1));
    }
    float[] parts = new float[Math.toIntExact(bins * samples)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = (i + 0.5f) / parts.length;
    }
    Value points = ops.add(start, ops.mul(length, ops.cast(ops.floats(parts), u.dataType(u.x()))));
    Value size = size(axis);
    Value outside = ops.call("Or", ops.less(points, number(-1)), ops.greater(points, size));
    Value there = ops.cast(ops.not(outside), u.dataType(u.x()));
    Value clipped = atMost(atLeast(points, number(0)), ops.sub(size, number(1)));
    Neighbours around = linear(clipped, size, false);
    around.weights().replaceAll(weight -> ops.mul(weight, there));
    return around;
  }

  /** A side of all regions: [regions, 1]. */
  private Value bound(int side) {
    return ops.gather(u.input(1), ops.ints(side), 1);
  }
}
