package io.espalier.keras;

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
              PoolLayers.RULES,
              NormLayers.RULES,
              MergeLayers.RULES,
              RecurrentLayers.RULES,
              WrapperLayers.RULES,
              AttentionLayers.RULES,
              PreprocessingLayers.RULES));

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
    Operations.Rule operation = operation(layer, inputs);
    if (operation != null) {
      return List.of(operation.emit(new OperationCall(layer, inputs)));
    }
    LayerRule rule = LAYERS.get(spec.className());
    if (rule == null) {
      throw unknown(spec);
    }
    layer.draft().facts().record(layer);
    return rule.emit(layer, inputs);
  }

  /** The rule of a function; null if this is the call of a layer. */
  private static Operations.Rule operation(LayerContext layer, List<KerasTensor> inputs) {
    LayerSpec spec = layer.spec();
    boolean ofTensorFlow =
        spec.className().equals("TFOpLambda") || spec.className().equals("SlicingOpLambda");
    if (ofTensorFlow) {
      return Operations.rule(spec.config().text("function", spec.name()));
    }
    boolean mergesOne =
        MergeLayers.RULES.containsKey(spec.className())
            && inputs.size() == 1
            && layer.argument(1, "x2").isPresent();
    boolean unknown = layer.dialect().isThree() && !LAYERS.containsKey(spec.className());
    return spec.isOperation() || mergesOne || unknown ? Operations.rule(spec.className()) : null;
  }

  private static UnsupportedModelException unknown(LayerSpec spec) {
    if (spec.className().equals("Lambda")) {
      return new UnsupportedModelException(
          spec.label()
              + ": a Lambda holds Python code, which is never executed; rebuild the model with"
              + " layers of Keras in its place, copy the weights, and save that");
    }
    return new UnsupportedModelException(
        spec.label()
            + ": no layer of Keras that can be imported; if it is a custom one, rebuild the model"
            + " with layers of Keras in its place, copy the weights, and save that");
  }
}
