package io.espalier.keras;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a file says of each layer that only training needs: penalties, rates of what is dropped,
 * momentum, constraints, initializers, whether the layer is frozen. Inference does not see them.
 */
final class TrainingFacts {
  private static final List<String> KEPT =
      List.of("rate", "dropout", "recurrent_dropout", "stddev", "momentum", "factor", "l1", "l2");
  private static final List<String> ENDINGS =
      List.of("_regularizer", "_constraint", "_initializer");

  private final Map<String, Map<String, Json>> layers = new LinkedHashMap<>();

  /** Takes note of a layer's settings. */
  void record(LayerContext layer) {
    Map<String, Json> facts = new TreeMap<>();
    layer
        .config()
        .entries()
        .forEach(
            (key, value) -> {
              boolean wanted = KEPT.contains(key) || ENDINGS.stream().anyMatch(key::endsWith);
              Json fact = wanted ? brief(value) : value;
              if (wanted && !fact.isNull() && !(fact.isNumber() && fact.number() == 0)) {
                facts.put(key, fact);
              }
            });
    recordFrozen(layer.spec(), facts);
    if (!facts.isEmpty()) {
      facts.put(LayerEntry.CLASS, Json.of(layer.spec().className()));
      layers.put(layer.instance().scope(), facts);
    }
  }

  /** Takes note of a model within a model, which has no settings but whether it is frozen. */
  void recordNetwork(LayerContext layer) {
    Map<String, Json> facts = new TreeMap<>();
    recordFrozen(layer.spec(), facts);
    if (!facts.isEmpty()) {
      facts.put(LayerEntry.CLASS, Json.of(layer.spec().className()));
      layers.put(layer.instance().scope(), facts);
    }
  }

  private static void recordFrozen(LayerSpec spec, Map<String, Json> facts) {
    if (!spec.trainable()) {
      facts.put("trainable", Json.of(false));
    }
  }

  /** Class and settings alone, without where Keras 3 says the class lies; numbers as they are. */
  private static Json brief(Json said) {
    if (said.asNumber().isPresent()) {
      return Json.of(TrainingConfig.shortened(said.asNumber().get()));
    }
    if (!said.isObject()) {
      return said;
    }
    Json brief = Json.object();
    // Keras 1 wrote {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}
    if (said.first("class_name", "name").isPresent()) {
      brief = brief.with("class_name", said.first("class_name", "name").get());
    }
    Json config = said.find("config").filter(Json::isObject).orElse(said);
    for (Map.Entry<String, Json> setting : config.entries().entrySet()) {
      Json value = setting.getValue();
      boolean dull = List.of("seed", "name", "class_name", "module").contains(setting.getKey());
      if (!dull && !value.isNull() && !(value.isObject() && value.asNumber().isEmpty())) {
        brief = brief.with(setting.getKey(), brief(value));
      }
    }
    return brief;
  }

  /** The facts of one layer. */
  Map<String, Json> of(String scope) {
    return layers.getOrDefault(scope, Map.of());
  }

  /** Facts by layer, in the order of their first calls. */
  Map<String, Map<String, Json>> layers() {
    return Collections.unmodifiableMap(layers);
  }
}
