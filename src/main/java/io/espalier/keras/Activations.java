package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keras' activation functions, by name. */
final class Activations {
  /** A function of each element alone, so its layout does not matter. */
  @FunctionalInterface
  interface Elementwise {
    Value emit(LayerContext layer, Value x);
  }

  private static final Map<String, Elementwise> FUNCTIONS =
      Map.ofEntries(
          entry("linear", (layer, x) -> x),
          entry("relu", call("Relu")),
          entry("sigmoid", call("Sigmoid")),
          entry("tanh", call("Tanh")),
          entry("softplus", call("Softplus")),
          entry("softsign", call("Softsign")),
          entry("exponential", call("Exp")),
          entry("exp", call("Exp")),
          entry("elu", call("Elu")),
          entry("selu", call("Selu")),
          entry("mish", call("Mish")),
          entry("relu6", (layer, x) -> clip(layer, x, 0, 6)),
          entry("leaky_relu", (layer, x) -> leaky(layer, x, 0.2)),
          entry("hard_sigmoid", Activations::hardSigmoid),
          entry("hard_silu", call("HardSwish")),
          entry("hard_swish", call("HardSwish")),
          entry("h_swish", call("HardSwish")),
          entry("swish", Activations::swish),
          entry("silu", Activations::swish),
          entry("gelu", call("Gelu")),
          entry("celu", call("Celu")),
          entry("hard_tanh", (layer, x) -> clip(layer, x, -1, 1)),
          entry("log_sigmoid", Activations::logSigmoid),
          entry("tanh_shrink", (layer, x) -> layer.ops().sub(x, layer.ops().call("Tanh", x))),
          entry("soft_shrink", (layer, x) -> shrink(layer, x, 0.5, 0.5)),
          entry("hard_shrink", (layer, x) -> shrink(layer, x, 0.5, 0)),
          entry("squareplus", Activations::squareplus),
          entry("sparse_plus", Activations::sparsePlus),
          entry("sparse_sigmoid", Activations::sparseSigmoid));

  private static final Set<String> ALONG_THE_LAST_AXIS = Set.of("softmax", "log_softmax");

  private Activations() {}

  /** The activation that the layer's setting {@code key} names; the tensor itself if none does. */
  static KerasTensor apply(LayerContext layer, KerasTensor x, String key) {
    Optional<Json> said = layer.config().find(key);
    return said.isEmpty() ? x : apply(layer, x, said.get());
  }

  /** The activation that a configuration says: a name, or an object with a class and settings. */
  static KerasTensor apply(LayerContext layer, KerasTensor x, Json said) {
    if (said.isText()) {
      return named(layer, x, said.text());
    }
    String className = said.text("class_name", "");
    Json config = said.find("config").orElse(Json.object());
    if (className.equals("function")) {
      return named(layer, x, config.isText() ? config.text() : config.text("name", ""));
    }
    if (config.isText()) {
      return named(layer, x, config.text());
    }
    String bare = className.substring(className.lastIndexOf('>') + 1);
    if (FUNCTIONS.containsKey(bare) || ALONG_THE_LAST_AXIS.contains(bare)) {
      return named(layer, x, bare);
    }
    if (!LayerRules.layers().contains(bare)) {
      throw layer.unsupported("activation '" + bare + "' is no activation of Keras");
    }
    LayerSpec spec =
        new LayerSpec(
            bare, "", config.text("name", SnakeCase.of(bare)), config, List.of(), Optional.empty());
    return layer.part("activation", spec).emit(List.of(x)).get(0);
  }

  private static KerasTensor named(LayerContext layer, KerasTensor x, String said) {
    // "Addons>mish"; "softmax_v2" where a function of TensorFlow was the activation
    String name = said.substring(said.lastIndexOf('>') + 1).replaceFirst("_v\\d$", "");
    if (ALONG_THE_LAST_AXIS.contains(name)) {
      return softmax(layer, x, name.equals("softmax") ? "Softmax" : "LogSoftmax", -1);
    }
    Elementwise function = FUNCTIONS.get(name);
    if (function == null) {
      throw layer.unsupported("activation '" + name + "' is no activation of Keras");
    }
    return x.with(function.emit(layer, x.value()));
  }

  /** Softmax, or its logarithm, along one axis of Keras' tensor. */
  static KerasTensor softmax(LayerContext layer, KerasTensor input, String opType, int axis) {
    KerasTensor x = input.layout().isFlat() ? layer.asPlain(input) : input;
    int logical = axis < 0 ? axis + x.rank() : axis;
    int physical = x.layout().axisOf(logical);
    long attribute = physical == x.rank() - 1 ? -1 : physical;
    return x.with(layer.ops().call(opType, Map.of("axis", Attribute.of(attribute)), x.value()));
  }

  static Set<String> names() {
    return FUNCTIONS.keySet();
  }

  private static Elementwise call(String opType) {
    return (layer, x) -> layer.ops().call(opType, x);
  }

  static Value clip(LayerContext layer, Value x, double low, double high) {
    return layer.ops().call("Clip", x, layer.number(low), layer.number(high));
  }

  static Value leaky(LayerContext layer, Value x, double slope) {
    return layer.ops().call("LeakyRelu", Map.of("alpha", Attribute.of((float) slope)), x);
  }

  /** Keras 1 and 2: clip(0.2 x + 0.5, 0, 1); Keras 3: relu6(x + 3) / 6. */
  private static Value hardSigmoid(LayerContext layer, Value x) {
    float alpha = layer.dialect().isThree() ? 1 / 6f : 0.2f;
    return layer
        .ops()
        .call("HardSigmoid", Map.of("alpha", Attribute.of(alpha), "beta", Attribute.of(0.5f)), x);
  }

  private static Value swish(LayerContext layer, Value x) {
    return layer.ops().mul(x, layer.ops().sigmoid(x));
  }

  private static Value logSigmoid(LayerContext layer, Value x) {
    Ops ops = layer.ops();
    return ops.neg(ops.call("Softplus", ops.neg(x)));
  }

  private static Value shrink(LayerContext layer, Value x, double lambda, double bias) {
    return layer
        .ops()
        .call(
            "Shrink",
            Map.of("lambd", Attribute.of((float) lambda), "bias", Attribute.of((float) bias)),
            x);
  }

  /** (x + sqrt(x² + 4)) / 2. */
  private static Value squareplus(LayerContext layer, Value x) {
    Ops ops = layer.ops();
    Value root = ops.sqrt(ops.add(ops.mul(x, x), layer.number(4)));
    return ops.mul(ops.add(x, root), layer.number(0.5));
  }

  /** 0 below -1, x above 1, ((x + 1) / 2)² between. */
  private static Value sparsePlus(LayerContext layer, Value x) {
    Ops ops = layer.ops();
    Value half = ops.mul(ops.add(clip(layer, x, -1, 1), layer.number(1)), layer.number(0.5));
    Value above = ops.call("Relu", ops.sub(x, layer.number(1)));
    return ops.add(ops.mul(half, half), above);
  }

  /** clip((x + 1) / 2, 0, 1). */
  private static Value sparseSigmoid(LayerContext layer, Value x) {
    return layer
        .ops()
        .call("HardSigmoid", Map.of("alpha", Attribute.of(0.5f), "beta", Attribute.of(0.5f)), x);
  }
}
