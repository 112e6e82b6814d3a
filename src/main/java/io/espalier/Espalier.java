package io.espalier;

import io.espalier.pipeline.Listener;
import io.espalier.pipeline.Pipeline;
import io.espalier.pipeline.Recipe;
import io.espalier.report.Report;
import java.io.IOException;

/** Runs recipes: the entry point for programs, the command and the Maven goal. */
public final class Espalier {
  private Espalier() {}

  /**
   * Prunes the recipe's model, verifies and writes the result, and says what was done. Gates that
   * are not met are in the report; the output is written all the same.
   *
   * @throws io.espalier.graph.ModelException if the model or the data cannot be processed
   * @throws io.espalier.pipeline.UsageException if the recipe does not fit the model or the files
   * @throws io.espalier.pipeline.InterruptedRunException if the listener cancelled the run
   * @throws IOException if a file cannot be read or written
   */
  public static Report run(Recipe recipe, Listener listener) throws IOException {
    return Pipeline.run(recipe, listener);
  }
}
