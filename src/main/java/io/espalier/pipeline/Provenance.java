package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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

  /** Whether {@code file} is a model that was made here. */
  static boolean isOurs(Path file) throws IOException {
    try (InputModel model = InputModel.open(file)) {
      return model.model().metadata().containsKey(VERSION);
    } catch (ModelException | UncheckedIOException e) {
      return false; // whatever it is, we did not write it
    }
  }
}
