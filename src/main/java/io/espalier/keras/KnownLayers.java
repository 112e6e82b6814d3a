package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Layers outside of {@code keras.layers} that are of one meaning wherever they are met: those of
 * {@code keras.applications}, of TensorFlow Addons and keras-contrib, and of efficientnet.
 */
final class KnownLayers {
  private static final LayerRule IDENTITY = (layer, inputs) -> inputs;

  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("LayerScale", LayerRule.one(KnownLayers::layerScale)),
          entry("StochasticDepth", LayerRule.one((layer, x) -> x)),
          entry("CustomScaleLayer", LayerRule.merging(KnownLayers::scaledSum)),
          entry("FixedDropout", IDENTITY),
          entry("InstanceNormalization", LayerRule.one(KnownLayers::instance)));

  private KnownLayers() {}

  /** x · gamma. */
  private static KerasTensor layerScale(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.floating(input);
    x = x.layout().keepsLast() ? x : layer.asPlain(x);
    return x.with(layer.ops().mul(x.value(), layer.weight("gamma", x.lastDim())));
  }

  /** a + scale · b. */
  private static KerasTensor scaledSum(LayerContext layer, List<KerasTensor> inputs) {
    if (inputs.size() != 2) {
      throw layer.malformed("expected two inputs, got " + inputs.size());
    }
    Alignment aligned = Alignment.of(layer, inputs);
    Value scale = layer.number(layer.config().number("scale"));
    Ops ops = layer.ops();
    Value scaled = ops.mul(aligned.values().get(1), scale);
    return aligned.result(ops.add(aligned.values().get(0), scaled));
  }

  /**
   * Normalizes each channel of each sample. TensorFlow Addons divides by sqrt(variance + epsilon);
   * keras-contrib, whose settings name no groups, by sqrt(variance) + epsilon, and without an axis
   * takes all channels together.
   */
  private static KerasTensor instance(LayerContext layer, KerasTensor input) {
    KerasTensor x = layer.asPlain(layer.floating(input));
    Json config = layer.config();
    boolean contrib = !config.has("groups");
    boolean whole = contrib && !config.has("axis");
    int said = Math.toIntExact(config.has("axis") ? config.integers("axis")[0] : -1);
    int axis = said < 0 ? said + x.rank() : said;
    if (axis < 1 || axis >= x.rank()) {
      throw layer.malformed("axis: expected 1 to " + (x.rank() - 1) + ", got " + said);
    }
    long[] over = LongStream.range(1, x.rank()).filter(other -> whole || other != axis).toArray();
    Ops ops = layer.ops();
    Value centered = ops.sub(x.value(), ops.reduceMean(x.value(), over, true));
    Value variance = ops.reduceMean(ops.mul(centered, centered), over, true);
    Value epsilon = layer.number(config.number("epsilon", 1e-3));
    Value spread =
        contrib ? ops.add(ops.sqrt(variance), epsilon) : ops.sqrt(ops.add(variance, epsilon));
    Value y = ops.div(centered, spread);
    long size = whole ? 1 : layer.known(x, axis);
    long[] shape = new long[x.rank()];
    Arrays.fill(shape, 1);
    shape[axis] = size;
    if (config.flag("scale", true)) {
      y = ops.mul(y, layer.weight("gamma", one -> Tensors.reshape(one, shape), size));
    }
    if (config.flag("center", true)) {
      y = ops.add(y, layer.weight("beta", one -> Tensors.reshape(one, shape), size));
    }
    return x.with(y);
  }
}
