package io.espalier.keras;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the metadata of an imported graph keep of the file it came from: {@code espalier.source} is
 * the Keras that wrote it, {@code espalier.layers} its layers with what their training needs, by
 * name, {@code espalier.training} how it was compiled; the latter two in JSON.
 */
final class Metadata {
  static final String SOURCE = "espalier.source";
  static final String LAYERS = "espalier.layers";
  static final String TRAINING = "espalier.training";

  static final Set<String> KEYS = Set.of(SOURCE, LAYERS, TRAINING);

  private Metadata() {}

  static void write(Model model, GraphDraft draft, Optional<Json> training) {
    model.metadata().put(SOURCE, draft.dialect().toString());
    Map<String, Map<String, Json>> layers = new LinkedHashMap<>();
    draft.layers().forEach((name, entry) -> layers.put(name, new LinkedHashMap<>(entry.entries())));
    draft
        .facts()
        .layers()
        .forEach(
            (name, facts) ->
                layers.computeIfAbsent(name, part -> new LinkedHashMap<>()).putAll(facts));
    Map<String, Json> entries = new LinkedHashMap<>();
    layers.forEach((name, entry) -> entries.put(name, Json.of(entry)));
    model.metadata().put(LAYERS, Json.of(entries).toString());
    training.ifPresent(config -> model.metadata().put(TRAINING, config.toString()));
  }

  /** What a graph says of its layers; absent if it was not imported, or says it in no known way. */
  static Optional<KerasSummary> summary(Model model) {
    Map<String, String> metadata = model.metadata();
    if (!metadata.containsKey(SOURCE) || !metadata.containsKey(LAYERS)) {
      return Optional.empty();
    }
    try {
      List<KerasSummary.Layer> layers = new ArrayList<>();
      layers(model)
          .forEach(
              (name, entry) -> {
                if (!LayerEntry.isPart(entry)) {
                  layers.add(LayerEntry.read(name, entry));
                }
              });
      return Optional.of(
          new KerasSummary(metadata.get(SOURCE), layers, metadata.getOrDefault(TRAINING, "")));
    } catch (MalformedModelException e) {
      return Optional.empty();
    }
  }

  static Map<String, Json> layers(Model model) {
    String text = model.metadata().getOrDefault(LAYERS, "{}");
    return Json.parse(text, LAYERS).entries();
  }

  static Optional<Json> training(Model model) {
    return Optional.ofNullable(model.metadata().get(TRAINING))
        .map(text -> Json.parse(text, TRAINING))
        .map(
            said -> {
              said.entries();
              return said;
            });
  }
}
