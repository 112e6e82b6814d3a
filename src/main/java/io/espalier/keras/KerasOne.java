package io.espalier.keras;

import static java.util.Map.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives layers of Keras 1 the class names and settings that they have from Keras 2 on. */
final class KerasOne {
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          entry("Convolution1D", "Conv1D"),
          entry("Convolution2D", "Conv2D"),
          entry("Convolution3D", "Conv3D"),
          entry("AtrousConvolution1D", "Conv1D"),
          entry("AtrousConv1D", "Conv1D"),
          entry("AtrousConvolution2D", "Conv2D"),
          entry("AtrousConv2D", "Conv2D"),
          entry("Deconvolution2D", "Conv2DTranspose"),
          entry("Deconv2D", "Conv2DTranspose"),
          entry("Deconvolution3D", "Conv3DTranspose"),
          entry("Convolution2DTranspose", "Conv2DTranspose"),
          entry("Convolution3DTranspose", "Conv3DTranspose"),
          entry("Convolution1DTranspose", "Conv1DTranspose"),
          entry("SeparableConvolution2D", "SeparableConv2D"),
          entry("SeparableConvolution1D", "SeparableConv1D"),
          entry("DepthwiseConvolution2D", "DepthwiseConv2D"),
          entry("MaxPool1D", "MaxPooling1D"),
          entry("MaxPool2D", "MaxPooling2D"),
          entry("MaxPool3D", "MaxPooling3D"),
          entry("AvgPool1D", "AveragePooling1D"),
          entry("AvgPool2D", "AveragePooling2D"),
          entry("AvgPool3D", "AveragePooling3D"),
          entry("GlobalMaxPool1D", "GlobalMaxPooling1D"),
          entry("GlobalMaxPool2D", "GlobalMaxPooling2D"),
          entry("GlobalMaxPool3D", "GlobalMaxPooling3D"),
          entry("GlobalAvgPool1D", "GlobalAveragePooling1D"),
          entry("GlobalAvgPool2D", "GlobalAveragePooling2D"),
          entry("GlobalAvgPool3D", "GlobalAveragePooling3D"),
          entry("BatchNormalizationV1", "BatchNormalization"),
          entry("BatchNormalizationV2", "BatchNormalization"),
          entry("SyncBatchNormalization", "BatchNormalization"),
          entry("LSTMV2", "LSTM"),
          entry("GRUV2", "GRU"),
          entry("CuDNNLSTM", "CuDNNLSTM"),
          entry("TimeDistributedDense", "Dense"));

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          entry("nb_filter", "filters"),
          entry("border_mode", "padding"),
          entry("subsample", "strides"),
          entry("subsample_length", "strides"),
          entry("filter_length", "kernel_size"),
          entry("atrous_rate", "dilation_rate"),
          entry("pool_length", "pool_size"),
          entry("stride", "strides"),
          entry("length", "size"),
          entry("bias", "use_bias"),
          entry("inner_activation", "recurrent_activation"),
          entry("W_regularizer", "kernel_regularizer"),
          entry("U_regularizer", "recurrent_regularizer"),
          entry("b_regularizer", "bias_regularizer"),
          entry("W_constraint", "kernel_constraint"),
          entry("U_constraint", "recurrent_constraint"),
          entry("b_constraint", "bias_constraint"),
          entry("init", "kernel_initializer"),
          entry("inner_init", "recurrent_initializer"),
          entry("dropout_W", "dropout"),
          entry("dropout_U", "recurrent_dropout"),
          entry("p", "rate"),
          entry("sigma", "stddev"));

  private static final List<String> HAVE_OUTPUT_DIM = List.of("Embedding", "MaxoutDense");

  private KerasOne() {}

  /** The layer under the newer names; one that has them already as it is. */
  static LayerSpec translate(LayerSpec layer) {
    String className = CLASSES.getOrDefault(layer.className(), layer.className());
    return new LayerSpec(
        className,
        layer.module(),
        layer.name(),
        layer.config().isObject() ? settings(className, layer.config()) : layer.config(),
        layer.calls(),
        layer.network());
  }

  private static Json settings(String className, Json old) {
    Map<String, Json> renamed = new LinkedHashMap<>();
    old.entries()
        .forEach(
            (key, value) -> {
              String known = SETTINGS.getOrDefault(key, key);
              if (known.equals(key) || !old.has(known) && !isAnotherThing(className, key)) {
                renamed.put(known, value);
              }
            });
    Json config = old;
    for (Map.Entry<String, Json> setting : renamed.entrySet()) {
      if (!old.has(setting.getKey())) {
        config = config.with(setting.getKey(), setting.getValue());
      }
    }
    return sizes(className, config);
  }

  /** Names that meant something else in some layers. */
  private static boolean isAnotherThing(String className, String key) {
    return key.equals("length") && !className.startsWith("UpSampling")
        || key.equals("stride") && !className.contains("Pooling")
        || key.equals("p") && !className.contains("Dropout");
  }

  private static Json sizes(String className, Json config) {
    Json result = config;
    if (config.has("nb_row") && config.has("nb_col")) {
      result =
          result.with("kernel_size", Json.of(config.integer("nb_row"), config.integer("nb_col")));
    }
    if (config.has("kernel_dim1")) {
      result =
          result.with(
              "kernel_size",
              Json.of(
                  config.integer("kernel_dim1"),
                  config.integer("kernel_dim2"),
                  config.integer("kernel_dim3")));
    }
    if (config.has("output_dim") && !config.has("units") && !HAVE_OUTPUT_DIM.contains(className)) {
      result = result.with("units", config.get("output_dim"));
    }
    if (config.has("dim_ordering") && !config.has("data_format")) {
      boolean first = config.text("dim_ordering").equals("th");
      result = result.with("data_format", Json.of(first ? "channels_first" : "channels_last"));
    }
    return result;
  }
}
