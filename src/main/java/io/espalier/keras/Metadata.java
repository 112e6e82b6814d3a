package io.espalier.keras;

import io.espalier.graph.Model;
import java.util.Map;
import java.util.Optional;

/** Writes what only training needs into the metadata of the graph. */
final class Metadata {
  private static final String SOURCE = "espalier.source";
  private static final String LAYERS = "espalier.layers";
  private static final String TRAINING = "espalier.training";

  private Metadata() {}

  static void write(Model model, GraphDraft draft, Optional<TrainingConfig> training) {
    model.metadata().put(SOURCE, draft.dialect().toString());
    Json layers = Json.object();
    for (Map.Entry<String, Map<String, Json>> layer : draft.facts().layers().entrySet()) {
      Json facts = Json.object();
      for (Map.Entry<String, Json> fact : layer.getValue().entrySet()) {
        facts = facts.with(fact.getKey(), fact.getValue());
      }
      layers = layers.with(layer.getKey(), facts);
    }
    if (!draft.facts().layers().isEmpty()) {
      model.metadata().put(LAYERS, layers.toString());
    }
    training.ifPresent(config -> model.metadata().put(TRAINING, config.toString()));
  }
}
