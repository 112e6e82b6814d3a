package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.keras.KerasFile;
import io.espalier.report.Inspection;
import io.espalier.storage.Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a model that was made here says of its making, in its metadata. */
final class Provenance {
  private static final String VERSION = "espalier.version";
  private static final String INPUT = "espalier.input.sha256";
  private static final String RECIPE = "espalier.recipe";

  private Provenance() {}

  /**
   * Writes down how the model was made.
   *
   * @param inputSha256 the hash of the model file that came in
   * @param recipe what was done to it
   */
  static void record(Model model, String inputSha256, String recipe) {
    Map<String, String> metadata = model.metadata();
    metadata.put(VERSION, Version.current());
    metadata.put(INPUT, inputSha256);
    metadata.put(RECIPE, recipe);
  }

  /** What {@link #record} wrote down; null where a model was not made here. */
  static Inspection.Making of(Model model) {
    Map<String, String> metadata = model.metadata();
    return metadata.containsKey(VERSION)
        ? new Inspection.Making(metadata.get(VERSION), metadata.get(INPUT), metadata.get(RECIPE))
        : null;
  }

  /** The metadata that {@link #record} did not write. */
  static Map<String, String> others(Model model) {
    Map<String, String> others = new LinkedHashMap<>(model.metadata());
    others.keySet().removeAll(List.of(VERSION, INPUT, RECIPE));
    return others;
  }

  /** Whether {@code file} is a model that was made here. */
  static boolean isOurs(Path file) throws IOException {
    if (KerasFile.isKeras(file) && Bundle.ofContents(file).isEmpty()) {
      return false;
    }
    try (InputModel model = InputModel.open(file)) {
      return model.model().metadata().containsKey(VERSION);
    } catch (ModelException | UncheckedIOException e) {
      return false; // whatever it is, we did not write it
    }
  }
}
