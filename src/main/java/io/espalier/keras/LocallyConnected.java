package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Convolutions with a kernel of its own at each place: the elements under each window are gathered
 * and multiplied by that window's matrix.
 *
 * <p>Keras stores the matrices [places, window · channels, filters] ({@code implementation} 1), as
 * one dense tensor [input, output] with zeros (2), or as those of its elements that are no zeros,
 * the outputs in order and the inputs in order for each (3).
 */
final class LocallyConnected {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry(
              "LocallyConnected1D",
              LayerRule.one((layer, x) -> new LocallyConnected(layer, x, 1).emit())),
          entry(
              "LocallyConnected2D",
              LayerRule.one((layer, x) -> new LocallyConnected(layer, x, 2).emit())));

  private static final long MOST_WEIGHTS = 1L << 28;

  private final LayerContext layer;
  private final KerasTensor x;
  private final int axes;
  private final Windows windows;
  private final boolean first;
  private final long[] in;
  private final long[] out;
  private final long channels;
  private final long filters;
  private final int places;
  private final int elements;

  private LocallyConnected(LayerContext layer, KerasTensor input, int axes) {
    this.layer = layer;
    this.x = layer.asPlain(layer.floating(layer.requireRank(input, axes + 2)));
    this.axes = axes;
    this.windows = Windows.of(layer, "kernel_size", axes);
    this.first = layer.channelsFirst();
    this.in = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      in[axis] = layer.known(x, axis + (first ? 2 : 1));
    }
    this.out = windows.outputs(in);
    this.channels = layer.known(x, first ? 1 : axes + 1);
    this.filters = layer.config().integer("filters");
    this.places = Math.toIntExact(product(out));
    this.elements = Math.toIntExact(Math.multiplyExact(product(windows.size()), channels));
    long all = Math.multiplyExact(Math.multiplyExact((long) places, elements), filters);
    if (all > MOST_WEIGHTS) {
      throw layer.malformed("would have " + all + " weights");
    }
  }

  private static long product(long[] sizes) {
    return Arrays.stream(sizes).reduce(1, Math::multiplyExact);
  }

  private KerasTensor emit() {
    Ops ops = layer.ops();
    int[][] sources = sources();
    long[] indices = Arrays.stream(sources).flatMapToInt(Arrays::stream).asLongStream().toArray();
    // an element outside of the image has a kernel of zeros, so it may be any
    long[] valid = Arrays.stream(indices).map(index -> Math.max(index, 0)).toArray();
    Value flat = ops.reshape(x.value(), 0, Math.multiplyExact(product(in), channels));
    Value gathered = ops.gather(flat, ops.ints(valid), 1);
    Value patches = ops.transpose(ops.reshape(gathered, 0, places, elements), 1, 0, 2);
    Value kernel = layer.initializer("kernel", () -> matrices(sources));
    Value y = ops.transpose(ops.matMul(patches, kernel), 1, 0, 2);
    if (layer.config().flag("use_bias", true)) {
      long[] dims = Arrays.copyOf(out, axes + 1);
      dims[axes] = filters;
      y = ops.add(y, layer.weight("bias", bias -> Tensors.reshape(bias, places, filters), dims));
    }
    return Activations.apply(layer, shaped(y), "activation");
  }

  /** [batch, places, filters] as Keras has it. */
  private KerasTensor shaped(Value y) {
    long[] dims = new long[axes + 2];
    dims[0] = x.dim(0);
    System.arraycopy(out, 0, dims, 1, axes);
    dims[axes + 1] = filters;
    long[] shape = dims.clone();
    shape[0] = 0;
    KerasTensor last = layer.result(axes == 1 ? y : layer.ops().reshape(y, shape), dims);
    if (!first) {
      return last;
    }
    int[] order = new int[axes + 2];
    order[1] = axes + 1;
    for (int axis = 0; axis < axes; axis++) {
      order[axis + 2] = axis + 1;
    }
    return ReshapingLayers.view(last, order);
  }

  /** Where the elements of each window lie in the flat image; -1 for those in the padding. */
  private int[][] sources() {
    long[] pads = windows.pads(in);
    int[][] sources = new int[places][elements];
    long[] window = windows.size();
    for (int place = 0; place < places; place++) {
      long[] at = position(place, out);
      for (int element = 0; element < elements; element++) {
        int spot = first ? element % (int) product(window) : element / (int) channels;
        int channel = first ? element / (int) product(window) : element % (int) channels;
        sources[place][element] = source(at, position(spot, window), channel, pads);
      }
    }
    return sources;
  }

  private int source(long[] at, long[] spot, int channel, long[] pads) {
    long index = 0;
    for (int axis = 0; axis < axes; axis++) {
      long step =
          at[axis] * windows.strides()[axis] + spot[axis] * windows.dilations()[axis] - pads[axis];
      if (step < 0 || step >= in[axis]) {
        return -1;
      }
      index = index * in[axis] + step;
    }
    return Math.toIntExact(first ? channel * product(in) + index : index * channels + channel);
  }

  private static long[] position(int index, long[] sizes) {
    long[] at = new long[sizes.length];
    int left = index;
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      at[axis] = left % sizes[axis];
      left /= (int) sizes[axis];
    }
    return at;
  }

  /** [places, elements, filters]. */
  private Tensor matrices(int[][] sources) {
    long implementation = layer.config().integer("implementation", 1);
    if (implementation == 1) {
      return layer.tensor("kernel", places, elements, filters);
    }
    Tensor stored = implementation == 2 ? dense() : layer.tensor("kernel", -1);
    IntToDoubleFunction numbers = Elements.of(stored).orElseThrow();
    double[] all = new double[Math.multiplyExact(places * elements, (int) filters)];
    int at = 0;
    for (int i = 0; i < places * filters; i++) {
      int place = first ? i % places : i / (int) filters;
      int filter = first ? i / places : i % (int) filters;
      for (int element = 0; element < elements; element++) {
        int source = sources[place][element];
        if (source >= 0) {
          int target = (place * elements + element) * (int) filters + filter;
          long from = implementation == 2 ? source * places * filters + i : at++;
          all[target] = numbers.applyAsDouble(within(from, stored));
        }
      }
    }
    return Elements.tensor(layer.type(), Shape.of(places, elements, filters), i -> all[i]);
  }

  private int within(long index, Tensor stored) {
    if (index >= stored.shape().elements()) {
      throw layer.malformed("expected more than the " + stored.shape() + " of its kernel");
    }
    return (int) index;
  }

  /** As one tensor from all of the input to all of the output. */
  private Tensor dense() {
    long[] dims = new long[2 * axes + 2];
    Arrays.fill(dims, -1);
    Tensor kernel = layer.tensor("kernel", dims);
    long expected = Math.multiplyExact(product(in) * channels, places * filters);
    if (kernel.shape().elements() != expected) {
      throw layer.malformed(
          "kernel: expected %d elements, got the shape %s".formatted(expected, kernel.shape()));
    }
    return kernel;
  }
}
