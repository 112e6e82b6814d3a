package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Layers of {@code keras.layers.pooling}. */
final class PoolLayers {
  static final Map<String, LayerRule> RULES = rules();

  private PoolLayers() {}

  private static Map<String, LayerRule> rules() {
    Map<String, LayerRule> rules = new TreeMap<>();
    for (int axes = 1; axes <= 3; axes++) {
      int n = axes;
      String end = axes + "D";
      rules.put("MaxPooling" + end, LayerRule.one((layer, x) -> pool(layer, x, "MaxPool", n)));
      rules.put(
          "AveragePooling" + end, LayerRule.one((layer, x) -> pool(layer, x, "AveragePool", n)));
      rules.put(
          "GlobalMaxPooling" + end, LayerRule.one((layer, x) -> global(layer, x, "ReduceMax", n)));
      rules.put(
          "GlobalAveragePooling" + end,
          LayerRule.one((layer, x) -> global(layer, x, "ReduceMean", n)));
    }
    return rules;
  }

  private static KerasTensor pool(LayerContext layer, KerasTensor input, String opType, int axes) {
    Image x = Image.of(layer, input, axes);
    Windows windows = Windows.of(layer, "pool_size", axes);
    if (opType.equals("MaxPool")) {
      keepPadding(layer, x.value(), axes + 2);
    }
    Value y = layer.ops().call(opType, windows.attributes(x.space()), x.value());
    return x.result(layer, y, x.channels(), windows.outputs(x.space()));
  }

  /**
   * Lets a padding in front say its axes. onnxruntime takes one that does not into the pool, which
   * pads with the smallest number where the padding has zeros.
   */
  private static void keepPadding(LayerContext layer, Value x, int rank) {
    x.producer()
        .filter(node -> node.is("Pad") && node.inputs().size() == 2)
        .ifPresent(
            node -> {
              node.addInput(null);
              node.addInput(layer.ops().ints(LongStream.range(0, rank).toArray()));
            });
  }

  /** The largest, or the mean, of each channel. A mean is over the steps that are not masked. */
  private static KerasTensor global(
      LayerContext layer, KerasTensor input, String opType, int axes) {
    KerasTensor x = layer.floating(layer.requireRank(input, axes + 2));
    int first = layer.channelsFirst() ? 2 : 1;
    boolean keep = layer.config().flag("keepdims", false);
    long channels = x.dim(layer.channelsFirst() ? 1 : -1);
    if (x.mask() != null && axes == 1 && opType.equals("ReduceMean")) {
      return maskedMean(layer, x, first, keep);
    }
    long[] reduced = new long[axes];
    for (int i = 0; i < axes; i++) {
      reduced[i] = x.layout().axisOf(first + i);
    }
    java.util.Arrays.sort(reduced);
    Value y =
        layer
            .ops()
            .call(
                opType,
                Map.of("keepdims", Attribute.of(keep ? 1 : 0)),
                x.value(),
                layer.ops().ints(reduced));
    if (!keep) {
      return layer.result(y, x.dim(0), channels);
    }
    long[] dims = x.dims().clone();
    for (int i = 0; i < axes; i++) {
      dims[first + i] = 1;
    }
    return new KerasTensor(y, x.type(), dims, x.layout(), null);
  }

  private static KerasTensor maskedMean(
      LayerContext layer, KerasTensor input, int steps, boolean keep) {
    KerasTensor x = layer.asPlain(input);
    Ops ops = layer.ops();
    int features = steps == 1 ? 2 : 1;
    Value weights = ops.unsqueeze(ops.cast(x.mask(), layer.type()), features);
    long[] axes = {steps};
    Value sum = ops.reduceSum(ops.mul(x.value(), weights), axes, keep);
    Value mean = ops.div(sum, ops.reduceSum(weights, axes, keep));
    if (!keep) {
      return layer.result(mean, x.dim(0), x.dim(features));
    }
    long[] dims = x.dims().clone();
    dims[steps] = 1;
    return layer.result(mean, dims);
  }
}
