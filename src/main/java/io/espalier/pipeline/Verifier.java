package io.espalier.pipeline;

import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.report.Report;
import io.espalier.runtime.Opening;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.runtime.Stopwatch;
import io.espalier.runtime.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Runs the model that came in and the one that goes out side by side. */
final class Verifier implements AutoCloseable {
  /** The place that refusals to verify name. */
  static final String WHERE = "verification";

  private static final Duration TIMING = Duration.ofMillis(120);

  private final Recipe recipe;
  private final Session before;
  private final Session after;
  private final OutputComparison outputs;

  private Verifier(Recipe recipe, Listener listener, Session before, Session after) {
    this.recipe = recipe;
    this.before = before;
    this.after = after;
    this.outputs =
        new OutputComparison(
            recipe.data(),
            recipe.execution(),
            listener,
            before,
            after,
            recipe.network().isPresent());
  }

  /**
   * Opens both models. Where onnxruntime does not even open the one that came in, there is nothing
   * to compare with: {@code refusals} then says so and the result is empty.
   *
   * @throws ModelException if only the new model does not open
   */
  static Optional<Verifier> open(
      Recipe recipe, Listener listener, InputModel input, Path output, List<Refusal> refusals)
      throws IOException {
    SessionOptions options = RuntimeOptions.session(recipe.data(), recipe.execution());
    Session before;
    try {
      before = input.session(options);
    } catch (ModelException e) {
      boolean asked = !recipe.data().customOps().isEmpty();
      if (asked || recipe.execution().device().equals("cuda")) {
        throw e;
      }
      refusals.add(notVerified(e));
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Verifier(recipe, listener, before, Session.open(output, input.safe(options))));
    } catch (IOException | RuntimeException | Error e) {
      before.close();
      throw e;
    }
  }

  /** That the result was not verified, and why. */
  static Refusal notVerified(ModelException reason) {
    return new Refusal(WHERE, "not verified: " + reason.getMessage());
  }

  /**
   * Compares outputs, and accuracies where there are labels.
   *
   * @throws ModelException if the data do not fit the model, or if it does not run
   */
  OutputComparison compare(InputModel input) throws IOException {
    outputs.run(input.model());
    if (recipe.training().isOn()) {
      outputs.judgeTraining(recipe.training(), input.model());
    }
    return outputs;
  }

  /** Opens both models several times. */
  Report.Opening open(InputModel input, Path output) throws IOException {
    SessionOptions options = input.safe(RuntimeOptions.session(recipe.data(), recipe.execution()));
    List<Opening> openings =
        Opening.measure(List.of(() -> input.session(options), () -> Session.open(output, options)));
    Opening old = openings.get(0);
    Opening now = openings.get(1);
    return new Report.Opening(
        old.millis(), now.millis(), boxed(old.peakBytes()), boxed(now.peakBytes()));
  }

  private static Long boxed(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  /** Times both models in turn, on inputs out of those that were compared. */
  Report.Latency time() {
    OutputComparison.SomeInputs sample = outputs.sample();
    List<Timing> timings = Stopwatch.time(List.of(before, after), sample.inputs(), TIMING);
    Timing old = timings.get(0);
    Timing now = timings.get(1);
    return new Report.Latency(
        recipe.execution().device(),
        sample.samples(),
        RuntimeOptions.threads(recipe.execution()),
        old.runs(),
        new Report.Percentiles(old.p50Ms(), old.p95Ms()),
        new Report.Percentiles(now.p50Ms(), now.p95Ms()));
  }

  @Override
  public void close() {
    try (before) {
      after.close();
    }
  }
}
