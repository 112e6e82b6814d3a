package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.graph.ModelException;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The held-out samples that judge the result. */
final class TestData {
  private TestData() {}

  /**
   * Checks before a run that takes long that they will be able to judge: all are read, and the
   * model as it came in is judged by every target. It runs once for each size of batch: what
   * matters of the outputs is their shape.
   *
   * @throws ModelException if they do not fit; the message names the option
   */
  static void check(Recipe recipe, InputModel input) throws IOException {
    Optional<String> test = recipe.data().test();
    if (test.isEmpty()) {
      return;
    }
    try {
      DataSource source = DataSource.parse(test.get());
      if (recipe.verification().verify()) {
        check(source, recipe, input);
      }
    } catch (ModelException e) {
      String said = e.getMessage();
      throw said.startsWith("--test") ? e : new ModelException("--test: " + said);
    }
  }

  private static void check(DataSource source, Recipe recipe, InputModel input) throws IOException {
    Session opened;
    try {
      opened = input.session(RuntimeOptions.session(recipe.data(), recipe.execution()));
    } catch (ModelException e) {
      return; // the verifier says so, and that nothing is judged
    }
    try (Session session = opened) {
      Dataset samples = SessionData.open(source, recipe.data(), session);
      requireLabels(samples);
      SplitJudge judge = new SplitJudge("test", samples, input.model(), true);
      Map<String, Datum> outputs = Map.of();
      int size = 0;
      for (Dataset.Batch batch : samples.batches(OutputComparison.BATCH)) {
        if (batch.samples() != size) {
          outputs = session.run(SessionData.feeds(batch));
          size = batch.samples();
        }
        judge.add(null, outputs, batch);
      }
    }
  }

  /** Checks that there is something to judge by. */
  static void requireLabels(Dataset samples) {
    if (!samples.labelled()) {
      throw new ModelException(
          "--test %s: expected labelled samples; there is no key for the labels"
              .formatted(samples.name()));
    }
  }
}
