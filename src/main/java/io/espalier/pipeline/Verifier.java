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

  /** Below that, the memory that a process takes and gives back says nothing. */
  private static final long LARGE = 16 << 20;

  private static final Duration TIMING = Duration.ofMillis(120);

  private final Recipe.Data data;
  private final Recipe.Execution execution;
  private final Session before;
  private final Session after;
  private final OutputComparison outputs;

  private Verifier(
      Recipe.Data data,
      Recipe.Execution execution,
      Session before,
      Session after,
      OutputComparison outputs) {
    this.data = data;
    this.execution = execution;
    this.before = before;
    this.after = after;
    this.outputs = outputs;
  }

  /**
   * Opens both models. Where onnxruntime does not even open the one that came in, there is nothing
   * to compare with: {@code refusals} then says so and the result is empty.
   *
   * @param judgesOnly whether what the model that came in gives means nothing
   * @throws ModelException if only the new model does not open
   */
  static Optional<Verifier> open(
      Recipe.Data data,
      Recipe.Execution execution,
      boolean judgesOnly,
      Listener listener,
      InputModel input,
      Path output,
      List<Refusal> refusals)
      throws IOException {
    SessionOptions options = RuntimeOptions.session(data, execution);
    Session before;
    try {
      before = input.session(options);
    } catch (ModelException e) {
      boolean asked = !data.customOps().isEmpty();
      if (asked || execution.device().equals("cuda")) {
        throw e;
      }
      refusals.add(notVerified(e));
      return Optional.empty();
    }
    try {
      Session after = Session.open(output, input.safe(options));
      OutputComparison outputs =
          new OutputComparison(data, execution, listener, before, after, judgesOnly);
      return Optional.of(new Verifier(data, execution, before, after, outputs));
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
    return outputs;
  }

  /** Opens both models several times. */
  Report.Opening open(InputModel input, Path output) throws IOException {
    SessionOptions options = input.safe(RuntimeOptions.session(data, execution));
    List<Opening> openings =
        Opening.measure(
            List.of(() -> input.session(options), () -> Session.open(output, options)),
            input.expandedBytes() >= LARGE);
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
        execution.device(),
        sample.samples(),
        RuntimeOptions.threads(execution),
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
