package io.espalier.keras;

import java.util.Map;
import java.util.function.Function;

/** How many weights layers have, which is how a row of weights is shared out among them. */
final class WeightCounts {
  private static final Map<String, Function<Json, Count>> COUNTS =
      Map.ofEntries(
          Map.entry("Dense", config -> withBias(config, 1)),
          Map.entry("EinsumDense", config -> new Count(config.has("bias_axes") ? 2 : 1, 0)),
          Map.entry("Conv1D", config -> withBias(config, 1)),
          Map.entry("Conv2D", config -> withBias(config, 1)),
          Map.entry("Conv3D", config -> withBias(config, 1)),
          Map.entry("Conv1DTranspose", config -> withBias(config, 1)),
          Map.entry("Conv2DTranspose", config -> withBias(config, 1)),
          Map.entry("Conv3DTranspose", config -> withBias(config, 1)),
          Map.entry("DepthwiseConv1D", config -> withBias(config, 1)),
          Map.entry("DepthwiseConv2D", config -> withBias(config, 1)),
          Map.entry("SeparableConv1D", config -> withBias(config, 2)),
          Map.entry("SeparableConv2D", config -> withBias(config, 2)),
          Map.entry("LocallyConnected1D", config -> withBias(config, 1)),
          Map.entry("LocallyConnected2D", config -> withBias(config, 1)),
          Map.entry("Embedding", config -> new Count(1, 0)),
          Map.entry("PReLU", config -> new Count(1, 0)),
          Map.entry("SimpleRNN", config -> withBias(config, 2)),
          Map.entry("LSTM", config -> withBias(config, 2)),
          Map.entry("GRU", config -> withBias(config, 2)),
          Map.entry("CuDNNLSTM", config -> new Count(3, 0)),
          Map.entry("CuDNNGRU", config -> new Count(3, 0)),
          Map.entry("ConvLSTM1D", config -> withBias(config, 2)),
          Map.entry("ConvLSTM2D", config -> withBias(config, 2)),
          Map.entry("ConvLSTM3D", config -> withBias(config, 2)),
          Map.entry("Highway", config -> new Count(usesBias(config) ? 4 : 2, 0)),
          Map.entry("MaxoutDense", config -> withBias(config, 1)),
          Map.entry("ParametricSoftplus", config -> new Count(2, 0)),
          Map.entry("SimpleRNNCell", config -> withBias(config, 2)),
          Map.entry("LSTMCell", config -> withBias(config, 2)),
          Map.entry("GRUCell", config -> withBias(config, 2)),
          Map.entry("Attention", config -> new Count(config.flag("use_scale", false) ? 1 : 0, 0)),
          Map.entry(
              "AdditiveAttention", config -> new Count(config.flag("use_scale", true) ? 1 : 0, 0)),
          Map.entry("GroupedQueryAttention", config -> new Count(usesBias(config) ? 8 : 4, 0)),
          Map.entry("RMSNormalization", config -> new Count(1, 0)),
          Map.entry("MultiHeadAttention", config -> new Count(usesBias(config) ? 8 : 4, 0)),
          Map.entry("BatchNormalization", config -> new Count(scaleAndCenter(config), 2)),
          Map.entry("LayerNormalization", config -> new Count(scaleAndCenter(config), 0)),
          Map.entry("GroupNormalization", config -> new Count(scaleAndCenter(config), 0)),
          Map.entry("Normalization", config -> new Count(0, 3)));

  private WeightCounts() {}

  /** Weights that are trained as long as the layer is, and weights that never are. */
  record Count(int trained, int untrained) {
    int all() {
      return trained + untrained;
    }

    Count plus(Count other) {
      return new Count(trained + other.trained(), untrained + other.untrained());
    }
  }

  static Count of(LayerSpec layer) {
    return of(layer.className(), layer.config());
  }

  private static Count of(String className, Json config) {
    Function<Json, Count> known = COUNTS.get(className);
    if (known != null) {
      return known.apply(config);
    }
    if (className.equals("StackedRNNCells")) {
      return config.items("cells").stream()
          .map(cell -> of(cell.text("class_name"), cell.get("config")))
          .reduce(new Count(0, 0), Count::plus);
    }
    Json inner = config.first("layer", "cell").orElse(null);
    if (inner == null || !inner.isObject() || !inner.has("class_name")) {
      return new Count(0, 0);
    }
    Json settings = inner.find("config").orElse(Json.object());
    if (settings.has("layers")) {
      return new Count(0, 0);
    }
    Count one = of(inner.text("class_name"), settings);
    int times = className.equals("Bidirectional") ? 2 : 1;
    return new Count(one.trained() * times, one.untrained() * times);
  }

  private static Count withBias(Json config, int others) {
    return new Count(others + (usesBias(config) ? 1 : 0), 0);
  }

  private static boolean usesBias(Json config) {
    return config.flag("use_bias", true);
  }

  private static int scaleAndCenter(Json config) {
    return (config.flag("scale", true) ? 1 : 0) + (config.flag("center", true) ? 1 : 0);
  }
}
