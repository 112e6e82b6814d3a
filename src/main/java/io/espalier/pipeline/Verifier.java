package io.espalier.pipeline;

import io.espalier.data.ArrayFile;
import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Preprocessing;
import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.graph.TensorType;
import io.espalier.report.Report;
import io.espalier.runtime.Accuracy;
import io.espalier.runtime.Comparison;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Device;
import io.espalier.runtime.Fidelity;
import io.espalier.runtime.Port;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Samples;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.runtime.Stopwatch;
import io.espalier.runtime.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the model that came in and the one that goes out side by side. */
final class Verifier implements AutoCloseable {
  private static final int BATCH = 64;
  private static final Duration TIMING = Duration.ofMillis(200);

  private final Recipe recipe;
  private final Listener listener;
  private final Session before;
  private final Session after;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Report.Fidelity fidelity;
  private Report.Accuracy accuracy;
  private Map<String, Datum> timed;
  private int timedSamples;

  private Verifier(Recipe recipe, Listener listener, Session before, Session after) {
    this.recipe = recipe;
    this.listener = listener;
    this.before = before;
    this.after = after;
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
    SessionOptions options = sessionOptions(recipe);
    Session before;
    try {
      before = input.session(options);
    } catch (ModelException e) {
      if (recipe.execution().device().equals("cuda")) {
        throw e;
      }
      refusals.add(new Refusal("verification", "not verified: " + e.getMessage()));
      return Optional.empty();
    }
    try {
      return Optional.of(new Verifier(recipe, listener, before, Session.open(output, options)));
    } catch (IOException | RuntimeException | Error e) {
      before.close();
      throw e;
    }
  }

  /** How the recipe wants sessions to be opened. */
  static SessionOptions sessionOptions(Recipe recipe) {
    return SessionOptions.DEFAULT
        .on(Device.of(recipe.execution().device()))
        .withThreads(recipe.execution().threads().orElse(0))
        .withCustomOps(recipe.data().customOps());
  }

  /**
   * Compares outputs, and accuracies where there are labels.
   *
   * @throws ModelException if the data do not fit the model
   */
  void compare(InputModel input) throws IOException {
    Optional<String> named = recipe.data().test().or(() -> recipe.data().data());
    if (named.isPresent()) {
      compareOn(DataSource.parse(named.get()));
      return;
    }
    Map<String, Datum> given = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : recipe.data().inputs().entrySet()) {
      given.put(file.getKey(), Datum.of(ArrayFile.read(file.getValue())));
    }
    SampleInputs.Found found =
        SampleInputs.find(
            input.model(),
            before,
            SampleInputs.Options.seeded(recipe.execution().seed())
                .withDims(recipe.data().dims())
                .withGiven(given));
    if (found.samples().isEmpty()) {
      String reason = found.failure().orElse("no inputs were found on which the model runs");
      refusals.add(new Refusal("verification", "not verified: " + reason));
      return;
    }
    Samples samples = found.samples().get();
    Fidelity result = Comparison.of(before, after, samples);
    setFidelity("random", result);
    timed = samples.single();
    timedSamples = samples.singleSamples();
  }

  private void compareOn(DataSource source) throws IOException {
    Map<String, TensorType> types = new LinkedHashMap<>();
    for (Port port : before.inputs()) {
      if (port.isTensor()) {
        types.put(port.name(), port.type());
      }
    }
    Dataset data = Dataset.open(source, types, preprocessing(recipe.data()));
    if (recipe.data().test().isPresent() && !data.labelled()) {
      throw new ModelException(
          "--test " + source + ": expected labelled samples; there is no key for the labels");
    }
    Comparison comparison = new Comparison();
    Accuracy right = new Accuracy();
    Accuracy stillRight = new Accuracy();
    long done = 0;
    for (Dataset.Batch batch : data.batches(BATCH)) {
      Map<String, Datum> feeds = feeds(batch);
      Map<String, Datum> old = before.run(feeds);
      Map<String, Datum> now = after.run(feeds);
      comparison.add(old, now, batch.samples());
      if (data.labelled()) {
        right.add(old, batch.labels());
        stillRight.add(now, batch.labels());
      }
      done += batch.samples();
      Stages.progress(listener, done, data.samples());
    }
    setFidelity(data.name(), comparison.result());
    if (data.labelled()) {
      accuracy =
          new Report.Accuracy(data.name(), right.samples(), right.share(), stillRight.share());
    }
    notes.addAll(data.notes());
    Dataset.Batch first = data.batch(0, Math.min(data.samples(), data.fixedBatch().orElse(1)));
    timed = feeds(first);
    timedSamples = first.samples();
  }

  private static Map<String, Datum> feeds(Dataset.Batch batch) {
    Map<String, Datum> feeds = new LinkedHashMap<>();
    batch.inputs().forEach((name, tensor) -> feeds.put(name, Datum.of(tensor)));
    return feeds;
  }

  private void setFidelity(String inputs, Fidelity found) {
    fidelity =
        new Report.Fidelity(
            inputs,
            found.samples(),
            found.maxAbsDiff(),
            found.meanAbsDiff(),
            found.top1Agreement().isPresent() ? found.top1Agreement().getAsDouble() : null);
    found.notCompared().forEach(output -> refusals.add(new Refusal("verification", output)));
  }

  /** What is done to data before a model sees them. */
  static Preprocessing preprocessing(Recipe.Data data) {
    return new Preprocessing(
        data.scale(), data.mean(), data.std(), data.layout().map(Preprocessing.Layout::of));
  }

  /** Times both models in turn; empty where no inputs were found. */
  Optional<Report.Latency> time() {
    if (timed == null) {
      return Optional.empty();
    }
    List<Timing> timings = Stopwatch.time(List.of(before, after), timed, TIMING);
    Timing old = timings.get(0);
    Timing now = timings.get(1);
    return Optional.of(
        new Report.Latency(
            recipe.execution().device(),
            timedSamples,
            recipe.execution().threads().orElse(Runtime.getRuntime().availableProcessors()),
            old.runs(),
            new Report.Percentiles(old.p50Ms(), old.p95Ms()),
            new Report.Percentiles(now.p50Ms(), now.p95Ms())));
  }

  /** Null where the models could not be compared. */
  Report.Fidelity fidelity() {
    return fidelity;
  }

  /** Null without labels. */
  Report.Accuracy accuracy() {
    return accuracy;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  List<String> notes() {
    return notes;
  }

  @Override
  public void close() {
    try (before) {
      after.close();
    }
  }
}
