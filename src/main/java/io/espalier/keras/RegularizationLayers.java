package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Value;
import java.util.Map;

/** Layers of {@code keras.layers.regularization}: identities in inference. */
final class RegularizationLayers {
  private static final LayerRule IDENTITY = (layer, inputs) -> inputs;

  static final Map<String, LayerRule> RULES =
      Map.ofEntries(
          entry("Dropout", LayerRule.one(RegularizationLayers::dropout)),
          entry("SpatialDropout1D", IDENTITY),
          entry("SpatialDropout2D", IDENTITY),
          entry("SpatialDropout3D", IDENTITY),
          entry("AlphaDropout", IDENTITY),
          entry("GaussianDropout", IDENTITY),
          entry("GaussianNoise", IDENTITY),
          entry("ActivityRegularization", IDENTITY),
          // what model.add_loss and model.add_metric of Keras 2 leave between layers
          entry("AddLoss", IDENTITY),
          entry("AddMetric", IDENTITY));

  private RegularizationLayers() {}

  /** ONNX' Dropout passes its input on in inference and knows its rate for training. */
  private static KerasTensor dropout(LayerContext layer, KerasTensor x) {
    double rate = layer.config().number("rate", 0);
    boolean plain = !layer.config().has("noise_shape") && x.type() == DataType.FLOAT;
    if (!(rate > 0 && rate < 1) || !plain) {
      return x;
    }
    Value y =
        layer
            .ops()
            .call(
                OperatorId.of("Dropout"),
                Map.of(),
                1,
                x.value(),
                layer.ops().scalar(DataType.FLOAT, rate))
            .get(0);
    return x.with(y);
  }
}
