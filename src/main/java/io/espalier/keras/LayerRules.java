package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.UnsupportedModelException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The layer table: the rules of all families. */
final class LayerRules {
  private static final Map<String, LayerRule> LAYERS =
      collect(
          List.of(
              CoreLayers.RULES,
              ActivationLayers.RULES,
              RegularizationLayers.RULES,
              ReshapingLayers.RULES,
              ConvLayers.RULES,
              LocallyConnected.RULES,
              PoolLayers.RULES,
              AdaptivePooling.RULES,
              NormLayers.RULES,
              MergeLayers.RULES,
              RecurrentLayers.RULES,
              ConvRecurrentLayers.RULES,
              WrapperLayers.RULES,
              AttentionLayers.RULES,
              PreprocessingLayers.RULES,
              CategoryLayers.RULES,
              KerasOneLayers.RULES,
              KnownLayers.RULES));

  /** Layers of Keras that are no arithmetic, and what they do instead. */
  private static final Map<String, String> NO_ARITHMETIC =
      Map.of(
          "StringLookup", "looks up texts",
          "TextVectorization", "takes texts apart",
          "IntegerLookup", "looks up integers in a table",
          "Hashing", "computes hashes",
          "HashedCrossing", "computes hashes",
          "MelSpectrogram", "computes spectra",
          "STFTSpectrogram", "computes spectra");

  private LayerRules() {}

  private static Map<String, LayerRule> collect(List<Map<String, LayerRule>> families) {
    Map<String, LayerRule> all = new TreeMap<>();
    for (Map<String, LayerRule> family : families) {
      family.forEach(
          (layer, rule) -> {
            if (all.put(layer, rule) != null) {
              throw new IllegalStateException("two rules for layer " + layer);
            }
          });
    }
    return Collections.unmodifiableMap(all);
  }

  /** The classes of layers that there are rules for. */
  static Set<String> layers() {
    return LAYERS.keySet();
  }

  /** Emits a call of a layer, by the rule of its class. */
  static List<KerasTensor> emit(LayerContext layer, List<KerasTensor> inputs) {
    LayerSpec spec = layer.spec();
    if (spec.network().isPresent()) {
      layer.draft().facts().recordNetwork(layer);
      return layer.instance().network(layer.draft()).call(inputs);
    }
    if (spec.className().equals("TensorFlowOpLayer")) {
      TensorFlowCall.Function function = TensorFlowCall.of(layer, layer.call());
      return Operations.called(layer.calledWith(function.call()), function.name(), inputs);
    }
    if (spec.className().equals("TFOpLambda") || spec.className().equals("SlicingOpLambda")) {
      return Operations.called(layer, spec.config().text("function", spec.name()), inputs);
    }
    if (isFunction(layer)) {
      return Operations.called(layer, spec.className(), inputs);
    }
    LayerRule rule = LAYERS.get(spec.className());
    if (rule == null) {
      throw unknown(spec);
    }
    String policy = DataTypes.nameOf(spec.config().find("dtype"));
    if (policy.contains("_from_")) {
      throw layer.unsupported(
          "its weights are quantized (" + policy + "); save the model as it was before that");
    }
    layer.draft().facts().record(layer);
    return rule.emit(layer, masked(layer, inputs));
  }

  /** The inputs with the mask that the call passes, where they have none of their own. */
  private static List<KerasTensor> masked(LayerContext layer, List<KerasTensor> inputs) {
    if (inputs.size() != 1 || inputs.get(0).mask() != null) {
      return inputs;
    }
    return layer
        .tensor(-1, "mask")
        .filter(mask -> mask.rank() == 2 && mask.type() == DataType.BOOL)
        .map(mask -> List.of(inputs.get(0).withMask(layer.plain(mask))))
        .orElse(inputs);
  }

  /** Whether this is a call of a function of Keras 3. */
  private static boolean isFunction(LayerContext layer) {
    LayerSpec spec = layer.spec();
    // in .h5, Keras 3 does not say where a class lies, but all that its functions have is a name
    boolean bare = spec.module().isEmpty() && !spec.config().has("trainable");
    boolean known = Operations.rule(spec.className()) != null;
    return spec.isOperation() || layer.dialect().isThree() && bare && known;
  }

  private static UnsupportedModelException unknown(LayerSpec spec) {
    if (spec.className().equals("Lambda")) {
      return new UnsupportedModelException(
          spec.label()
              + ": a Lambda holds Python code, which is never executed; rebuild the model with"
              + " layers of Keras in its place, copy the weights, and save that");
    }
    if (NO_ARITHMETIC.containsKey(spec.className())) {
      return new UnsupportedModelException(
          "%s: %s, for which there is no operator; save the model without the layer and feed what it makes"
              .formatted(spec.label(), NO_ARITHMETIC.get(spec.className())));
    }
    return new UnsupportedModelException(
        spec.label()
            + ": no layer of Keras that can be imported; if it is a custom one, rebuild the model"
            + " with layers of Keras in its place, copy the weights, and save that");
  }
}
