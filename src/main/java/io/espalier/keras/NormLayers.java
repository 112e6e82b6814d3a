package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Layers of {@code keras.layers.normalization}. */
final class NormLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("BatchNormalization", LayerRule.one(NormLayers::batch)),
          entry("LayerNormalization", LayerRule.one(NormLayers::layer)),
          entry("RMSNormalization", LayerRule.one(NormLayers::rootMeanSquare)),
          entry("GroupNormalization", LayerRule.one(NormLayers::group)),
          entry("UnitNormalization", LayerRule.one(NormLayers::unit)));

  private NormLayers() {}

  /** gamma · (x - mean) / sqrt(variance + epsilon) + beta, with the statistics of the training. */
  private static KerasTensor batch(LayerContext layer, KerasTensor input) {
    Json config = layer.config();
    if (config.integer("mode", 0) != 0) {
      throw layer.unsupported("mode " + config.integer("mode") + " of Keras 1 has no statistics");
    }
    KerasTensor x = secondIs(layer, layer.floating(input), oneAxis(layer, input));
    long channels = layer.known(input, oneAxis(layer, input));
    Value gamma = scale(layer, x, "gamma", config.flag("scale", true), 1, channels);
    Value beta = scale(layer, x, "beta", config.flag("center", true), 0, channels);
    Value mean = scale(layer, x, "moving_mean", true, 0, channels);
    Value variance = scale(layer, x, "moving_variance", true, 1, channels);
    Map<String, Attribute> attributes =
        Map.of(
            "epsilon", Attribute.of((float) config.number("epsilon", 1e-3)),
            "momentum", Attribute.of((float) config.number("momentum", 0.99)));
    return x.with(
        layer.ops().call("BatchNormalization", attributes, x.value(), gamma, beta, mean, variance));
  }

  /** A weight for each channel; where the layer has none, a number that changes nothing. */
  private static Value scale(
      LayerContext layer, KerasTensor x, String name, boolean has, double absent, long channels) {
    if (!has) {
      return layer.initializer(name, () -> filled(layer, absent, channels));
    }
    return layer.weight(
        name, tensor -> x.layout().isFlat() ? reordered(tensor, x.layout()) : tensor, channels);
  }

  private static ArrayTensor filled(LayerContext layer, double number, long... dims) {
    return Elements.tensor(layer.type(), Shape.of(dims), i -> number);
  }

  /** A number for each element of a flattened image, in the order in which that lies. */
  private static Tensor reordered(Tensor vector, Layout layout) {
    Tensor image = Tensors.reshape(vector, layout.flat());
    return Tensors.reshape(Tensors.permute(image, layout.order()), vector.shape().dim(0));
  }

  private static int oneAxis(LayerContext layer, KerasTensor x) {
    long[] axes = layer.config().has("axis") ? layer.config().integers("axis") : new long[] {-1};
    if (axes.length != 1) {
      throw layer.unsupported("normalizes over " + axes.length + " axes apart");
    }
    int axis = Math.toIntExact(axes[0] < 0 ? axes[0] + x.rank() : axes[0]);
    if (axis < 1 || axis >= x.rank()) {
      throw layer.malformed("axis: expected 1 to " + (x.rank() - 1) + ", got " + axes[0]);
    }
    return axis;
  }

  /** The tensor in a layout whose second axis is {@code axis}. */
  private static KerasTensor secondIs(LayerContext layer, KerasTensor x, int axis) {
    if (x.layout().isFlat() || x.layout().axisOf(axis) == 1 && x.layout().axisOf(0) == 0) {
      return x;
    }
    int[] order =
        IntStream.concat(
                IntStream.of(0, axis), IntStream.range(1, x.rank()).filter(other -> other != axis))
            .toArray();
    Layout wanted = Layout.ordered(order);
    return new KerasTensor(layer.arranged(x, wanted), x.type(), x.dims(), wanted, x.mask());
  }

  private static KerasTensor layer(LayerContext layer, KerasTensor input) {
    Json config = layer.config();
    KerasTensor x = layer.floating(input);
    long[] axes = axes(layer, x);
    boolean trailing = axes[0] == x.rank() - axes.length;
    if (!trailing) {
      return overInnerAxes(layer, layer.asPlain(x), axes);
    }
    if (axes.length > 1 || !x.layout().keepsLast()) {
      x = layer.asPlain(x);
    }
    long[] dims = Arrays.stream(axes).map(axis -> layer.known(input, (int) axis)).toArray();
    float epsilon = (float) config.number("epsilon", 1e-3);
    if (config.flag("rms_scaling", false)) {
      Value gamma = layer.weight("gamma", dims);
      return x.with(layer.ops().mul(rootMeanSquare(layer, x, axes, epsilon), gamma));
    }
    Value gamma =
        config.flag("scale", true)
            ? layer.weight("gamma", dims)
            : layer.initializer("gamma", () -> filled(layer, 1, dims));
    Value beta = config.flag("center", true) ? layer.weight("beta", dims) : null;
    Map<String, Attribute> attributes =
        Map.of("axis", Attribute.of(-axes.length), "epsilon", Attribute.of(epsilon));
    return x.with(
        beta == null
            ? layer.ops().call("LayerNormalization", attributes, x.value(), gamma)
            : layer.ops().call("LayerNormalization", attributes, x.value(), gamma, beta));
  }

  /** The same over axes that are not the last ones, in single operators. */
  private static KerasTensor overInnerAxes(LayerContext layer, KerasTensor x, long[] axes) {
    Json config = layer.config();
    Ops ops = layer.ops();
    long[] dims = Arrays.stream(axes).map(axis -> layer.known(x, (int) axis)).toArray();
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    for (int i = 0; i < axes.length; i++) {
      shape[(int) axes[i]] = dims[i];
    }
    Value centered = ops.sub(x.value(), ops.reduceMean(x.value(), axes, true));
    Value variance = ops.reduceMean(ops.mul(centered, centered), axes, true);
    Value epsilon = layer.number(config.number("epsilon", 1e-3));
    Value y = ops.div(centered, ops.sqrt(ops.add(variance, epsilon)));
    if (config.flag("scale", true)) {
      y = ops.mul(y, layer.weight("gamma", one -> Tensors.reshape(one, shape), dims));
    }
    if (config.flag("center", true)) {
      y = ops.add(y, layer.weight("beta", one -> Tensors.reshape(one, shape), dims));
    }
    return x.with(y);
  }

  private static KerasTensor rootMeanSquare(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    long[] axes = axes(layer, x);
    long[] dims = Arrays.stream(axes).map(axis -> layer.known(input, (int) axis)).toArray();
    Value normal = rootMeanSquare(layer, x, axes, layer.config().number("epsilon", 1e-6));
    return x.with(layer.ops().mul(normal, layer.weight("scale", dims)));
  }

  private static Value rootMeanSquare(
      LayerContext layer, KerasTensor x, long[] axes, double epsilon) {
    Ops ops = layer.ops();
    Value mean = ops.reduceMean(ops.mul(x.value(), x.value()), axes, true);
    return ops.div(x.value(), ops.sqrt(ops.add(mean, layer.number(epsilon))));
  }

  /** The axes the layer says, from 0 on and sorted. */
  private static long[] axes(LayerContext layer, KerasTensor x) {
    long[] said = layer.config().has("axis") ? layer.config().integers("axis") : new long[] {-1};
    long[] axes =
        Arrays.stream(said).map(axis -> axis < 0 ? axis + x.rank() : axis).sorted().toArray();
    if (axes.length == 0 || axes[0] < 0 || axes[axes.length - 1] >= x.rank()) {
      throw layer.malformed(
          "axis: expected axes of %s, got %s".formatted(x.shapeText(), Arrays.toString(said)));
    }
    return axes;
  }

  /** Normalizes groups of channels of each sample. */
  private static KerasTensor group(LayerContext layer, KerasTensor input) {
    Json config = layer.config();
    KerasTensor x = layer.floating(input);
    x = secondIs(layer, x.layout().isFlat() ? layer.asPlain(x) : x, oneAxis(layer, x));
    long channels = layer.known(input, oneAxis(layer, input));
    long groups = config.integer("groups", 32);
    groups = groups == -1 ? channels : groups;
    if (groups < 1 || channels % groups != 0) {
      throw layer.malformed("groups: expected a divisor of " + channels + ", got " + groups);
    }
    Value gamma = scale(layer, x, "gamma", config.flag("scale", true), 1, channels);
    Value beta = scale(layer, x, "beta", config.flag("center", true), 0, channels);
    Map<String, Attribute> attributes =
        Map.of(
            "num_groups", Attribute.of(groups),
            "epsilon", Attribute.of((float) config.number("epsilon", 1e-3)));
    return x.with(layer.ops().call("GroupNormalization", attributes, x.value(), gamma, beta));
  }

  /** x / sqrt(max(Σx², 1e-12)). */
  private static KerasTensor unit(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    return x.with(unitLength(layer, x.value(), axes(layer, x)));
  }

  static Value unitLength(LayerContext layer, Value x, long... axes) {
    Ops ops = layer.ops();
    Value square = ops.reduceSum(ops.mul(x, x), axes, true);
    return ops.div(x, ops.sqrt(ops.call("Max", square, layer.number(1e-12))));
  }
}
