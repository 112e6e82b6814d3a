package io.espalier.pipeline;

import io.espalier.report.Report;
import java.io.IOException;

/** The stages of a run, in order. */
public final class Pipeline {
  private Pipeline() {}

  /** Runs a recipe; see {@link io.espalier.Espalier#run}. */
  public static Report run(Recipe recipe, Listener listener) throws IOException {
    throw new IOException(recipe.model() + ": no stage yet");
  }
}
