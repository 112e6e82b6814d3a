package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Layers of {@code keras.layers.attention}. */
final class AttentionLayers {
  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Attention", (layer, inputs) -> attention(layer, inputs, false)),
          entry("AdditiveAttention", (layer, inputs) -> attention(layer, inputs, true)),
          entry("MultiHeadAttention", HeadAttention::multiHead),
          entry("GroupedQueryAttention", HeadAttention::groupedQuery));

  private AttentionLayers() {}

  /**
   * Sums of values, weighted by the softmax of how well their keys match the query: by their
   * product, which is not scaled unless a weight says so, or by what tanh makes of their sum.
   */
  private static List<KerasTensor> attention(
      LayerContext layer, List<KerasTensor> inputs, boolean additive) {
    if (inputs.size() < 2) {
      throw layer.malformed("expected a query and a value, got " + inputs.size() + " inputs");
    }
    Ops ops = layer.ops();
    KerasTensor query = ready(layer, inputs.get(0));
    KerasTensor value = ready(layer, inputs.get(1));
    KerasTensor key = inputs.size() > 2 ? ready(layer, inputs.get(2)) : value;
    Value scores =
        additive
            ? additive(layer, query, key)
            : layer.config().text("score_mode", "dot").equals("concat")
                ? concatenated(layer, query, key)
                : dotProduct(layer, query, key);
    boolean causal =
        layer.config().flag("causal", false)
            || layer.constant(-1, "use_causal_mask").map(Json::flag).orElse(false);
    Value mask = null;
    if (value.mask() != null) {
      mask = ops.unsqueeze(value.mask(), 1);
    }
    if (causal) {
      Value triangle = AttentionMasks.causal(ops, query.value(), key.value(), 1, 1);
      mask = mask == null ? triangle : ops.and(mask, triangle);
    }
    Value weights = AttentionMasks.softmax(layer, scores, mask);
    Value y = ops.matMul(weights, value.value());
    if (query.mask() != null) {
      y = ops.mul(y, ops.cast(ops.unsqueeze(query.mask(), 2), layer.type()));
    }
    KerasTensor result =
        layer.result(y, query.dim(0), query.dim(1), value.dim(2)).withMask(query.mask());
    boolean returnsWeights =
        layer.constant(-1, "return_attention_scores").map(Json::flag).orElse(false);
    return returnsWeights
        ? List.of(result, layer.result(weights, query.dim(0), query.dim(1), key.dim(1)))
        : List.of(result);
  }

  private static KerasTensor ready(LayerContext layer, KerasTensor x) {
    return layer.asPlain(layer.floating(layer.requireRank(x, 3)));
  }

  private static Value dotProduct(LayerContext layer, KerasTensor query, KerasTensor key) {
    Ops ops = layer.ops();
    Value scores = ops.matMul(query.value(), ops.transpose(key.value(), 0, 2, 1));
    return layer.config().flag("use_scale", false)
        ? ops.mul(scores, layer.weight("scale"))
        : scores;
  }

  /** w · Σ tanh(s (q + k)), with w and s numbers that are trained. */
  private static Value concatenated(LayerContext layer, KerasTensor query, KerasTensor key) {
    Ops ops = layer.ops();
    Value sum = ops.add(ops.unsqueeze(query.value(), 2), ops.unsqueeze(key.value(), 1));
    boolean scaled = layer.config().flag("use_scale", false);
    Value inner = scaled ? ops.mul(sum, layer.weight("scale")) : sum;
    Value weight = layer.weight("concat_score_weight");
    return ops.mul(weight, ops.reduceSum(ops.call("Tanh", inner), new long[] {3}, false));
  }

  /** Σ scale · tanh(q + k), with a number for each feature. */
  private static Value additive(LayerContext layer, KerasTensor query, KerasTensor key) {
    Ops ops = layer.ops();
    Value sum = ops.add(ops.unsqueeze(query.value(), 2), ops.unsqueeze(key.value(), 1));
    Value tanh = ops.call("Tanh", sum);
    boolean scaled = layer.config().flag("use_scale", true);
    Value terms = scaled ? ops.mul(tanh, layer.weight("scale", query.dim(2))) : tanh;
    return ops.reduceSum(terms, new long[] {3}, false);
  }
}
