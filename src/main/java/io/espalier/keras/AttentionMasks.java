package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Which values a query may attend to. */
final class AttentionMasks {
  private static final double FAR_BELOW = -1e9;

  private AttentionMasks() {}

  /** Boolean [queries, keys]: those that do not come later; axes are where the steps lie. */
  static Value causal(Ops ops, Value query, Value key, int queryAxis, int keyAxis) {
    Value shape =
        ops.concat(
            0,
            List.of(
                ops.shape(query, queryAxis, queryAxis + 1), ops.shape(key, keyAxis, keyAxis + 1)));
    Value ones = ops.filled(shape, DataType.INT64, 1);
    Value triangle = ops.call("Trilu", Map.of("upper", Attribute.of(0)), ones);
    return ops.cast(triangle, DataType.BOOL);
  }

  /** The softmax along the last axis of the scores that the mask leaves; null leaves all. */
  static Value softmax(LayerContext layer, Value scores, Value mask) {
    Ops ops = layer.ops();
    double low = layer.type() == DataType.FLOAT16 ? -65504 : FAR_BELOW;
    Value left = mask == null ? scores : ops.where(mask, scores, layer.number(low));
    return ops.call("Softmax", Map.of("axis", Attribute.of(-1)), left);
  }
}
