package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Layers of {@code keras.layers.activations}. */
final class ActivationLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry(
              "Activation",
              LayerRule.one(
                  (layer, x) -> Activations.apply(layer, x, layer.config().get("activation")))),
          entry("ReLU", LayerRule.one(ActivationLayers::relu)),
          entry("LeakyReLU", LayerRule.one(ActivationLayers::leakyRelu)),
          entry("PReLU", LayerRule.one(ActivationLayers::pRelu)),
          entry("ELU", LayerRule.one(ActivationLayers::elu)),
          entry("ThresholdedReLU", LayerRule.one(ActivationLayers::thresholdedRelu)),
          entry("Softmax", ActivationLayers::softmax));

  private static final double FAR_BELOW = -1e9;

  private ActivationLayers() {}

  /** max(0, x) with a limit, a slope below the threshold and a threshold. */
  private static KerasTensor relu(LayerContext layer, KerasTensor x) {
    return relu(layer, layer.config(), x);
  }

  static KerasTensor relu(LayerContext layer, Json config, KerasTensor x) {
    double slope = config.first("negative_slope", "alpha").map(Json::number).orElse(0.0);
    double threshold = config.number("threshold", 0);
    double limit = config.number("max_value", Double.POSITIVE_INFINITY);
    Ops ops = layer.ops();
    Value y;
    if (threshold == 0 && slope == 0) {
      y =
          Double.isInfinite(limit)
              ? ops.call("Relu", x.value())
              : Activations.clip(layer, x.value(), 0, limit);
      return x.with(y);
    }
    Value shifted = ops.sub(x.value(), layer.number(threshold));
    Value above = ops.call("GreaterOrEqual", x.value(), layer.number(threshold));
    Value kept =
        Double.isInfinite(limit) ? x.value() : ops.call("Min", x.value(), layer.number(limit));
    y = ops.where(above, kept, ops.mul(shifted, layer.number(slope)));
    return x.with(y);
  }

  /** The slope was named alpha, and is negative_slope in Keras 3; 0.3 where nothing is said. */
  private static KerasTensor leakyRelu(LayerContext layer, KerasTensor x) {
    double slope = layer.config().first("negative_slope", "alpha").map(Json::number).orElse(0.3);
    return x.with(Activations.leaky(layer, x.value(), slope));
  }

  /** x below zero times a slope of its own for each element; shared along some axes. */
  private static KerasTensor pRelu(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.floating(input.layout().isFlat() ? layer.asPlain(input) : input);
    long[] dims = Arrays.copyOfRange(x.dims(), 1, x.rank());
    if (layer.config().has("shared_axes")) {
      for (long axis : layer.config().integers("shared_axes")) {
        dims[Math.toIntExact(axis) - 1] = 1;
      }
    }
    Value slope = layer.weight("alpha", tensor -> arranged(tensor, x.layout()), dims);
    return x.with(layer.ops().call("PRelu", x.value(), slope));
  }

  /** A weight of the shape of a sample, in the layout of the batch. */
  private static Tensor arranged(Tensor weight, Layout layout) {
    int[] axes = new int[layout.order().length - 1];
    for (int axis = 0; axis < axes.length; axis++) {
      axes[axis] = layout.order()[axis + 1] - 1;
    }
    return Tensors.permute(weight, axes);
  }

  private static KerasTensor elu(LayerContext layer, KerasTensor x) {
    float alpha = (float) layer.config().number("alpha", 1);
    return x.with(layer.ops().call("Elu", Map.of("alpha", Attribute.of(alpha)), x.value()));
  }

  private static KerasTensor thresholdedRelu(LayerContext layer, KerasTensor x) {
    float theta = (float) layer.config().number("theta", 1);
    return x.with(
        layer.ops().call("ThresholdedRelu", Map.of("alpha", Attribute.of(theta)), x.value()));
  }

  /** Softmax along one axis or several; with a mask, over what the mask leaves. */
  private static List<KerasTensor> softmax(LayerContext layer, List<KerasTensor> inputs) {
    if (inputs.isEmpty()) {
      throw layer.malformed("expected an input");
    }
    KerasTensor x = inputs.get(0);
    long[] axes = layer.config().has("axis") ? layer.config().integers("axis") : new long[] {-1};
    Optional<KerasTensor> mask =
        layer.tensor(1, "mask").or(() -> inputs.stream().skip(1).findFirst());
    if (mask.isEmpty() && axes.length == 1) {
      return List.of(Activations.softmax(layer, x, "Softmax", Math.toIntExact(axes[0])));
    }
    KerasTensor plain = layer.asPlain(layer.floating(x));
    Ops ops = layer.ops();
    Value kept = mask.map(one -> ops.cast(layer.plain(one), DataType.BOOL)).orElse(null);
    Value left =
        kept == null ? plain.value() : ops.where(kept, plain.value(), layer.number(FAR_BELOW));
    Value along = ops.ints(axes);
    Map<String, Attribute> keep = Map.of("keepdims", Attribute.of(1));
    Value powers = ops.exp(ops.sub(left, ops.call("ReduceMax", keep, left, along)));
    Value y = ops.div(powers, ops.reduceSum(powers, along, true));
    return List.of(plain.with(kept == null ? y : ops.where(kept, y, layer.number(0))));
  }
}
