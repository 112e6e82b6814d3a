package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;

/** Layers that Keras had in its first version only. */
final class KerasOneLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Highway", LayerRule.one(KerasOneLayers::highway)),
          entry("MaxoutDense", LayerRule.one(KerasOneLayers::maxout)),
          entry("ParametricSoftplus", LayerRule.one(KerasOneLayers::parametricSoftplus)));

  private KerasOneLayers() {}

  /** t · activation(x W + b) + (1 - t) · x with t = sigmoid(x W' + b'). */
  private static KerasTensor highway(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(layer.requireRank(input, 2)));
    Ops ops = layer.ops();
    long size = layer.known(x, 1);
    Value kernel = layer.weight("kernel", size, size);
    Value carry = layer.weight("carry_kernel", size, size);
    Value h = ops.matMul(x.value(), kernel);
    Value t = ops.matMul(x.value(), carry);
    if (layer.config().flag("use_bias", true)) {
      h = ops.add(h, layer.weight("bias", size));
      t = ops.add(t, layer.weight("carry_bias", size));
    }
    Value changed = Activations.apply(layer, x.with(h), "activation").value();
    Value gate = ops.sigmoid(t);
    Value kept = ops.mul(ops.sub(layer.number(1), gate), x.value());
    return x.with(ops.add(ops.mul(gate, changed), kept));
  }

  /** The largest of several products, for each unit. */
  private static KerasTensor maxout(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(layer.requireRank(input, 2)));
    Ops ops = layer.ops();
    long size = layer.known(x, 1);
    long units = layer.config().integer("output_dim");
    long features = layer.config().integer("nb_feature");
    Value kernel = layer.weight("kernel", features, size, units);
    Value y = ops.matMul(x.value(), kernel);
    if (layer.config().flag("use_bias", true)) {
      y = ops.add(y, ops.unsqueeze(layer.weight("bias", features, units), 1));
    }
    Value most = ops.call("ReduceMax", Map.of("keepdims", Attribute.of(0)), y, ops.ints(0));
    return layer.result(most, x.dim(0), units);
  }

  /** alpha · log(1 + exp(beta · x)), with numbers of their own for each element. */
  private static KerasTensor parametricSoftplus(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    long[] dims = java.util.Arrays.copyOfRange(x.dims(), 1, x.rank());
    Ops ops = layer.ops();
    Value alpha = layer.weight("alphas", dims);
    Value beta = layer.weight("betas", dims);
    return x.with(ops.mul(alpha, ops.call("Softplus", ops.mul(beta, x.value()))));
  }
}
