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
              if (wanted && !value.isNull() && !(value.isNumber() && value.number() == 0)) {
                facts.put(key, value);
              }
            });
    if (!layer.spec().trainable()) {
      facts.put("trainable", Json.of(false));
    }
    if (!facts.isEmpty()) {
      layers.put(layer.instance().scope(), facts);
    }
  }

  /** Facts by layer, in the order of their first calls. */
  Map<String, Map<String, Json>> layers() {
    return Collections.unmodifiableMap(layers);
  }
}
