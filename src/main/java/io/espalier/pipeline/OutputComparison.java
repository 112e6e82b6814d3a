package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Preprocessing;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.graph.TensorType;
import io.espalier.report.Report;
import io.espalier.runtime.Accuracy;
import io.espalier.runtime.Comparison;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Fidelity;
import io.espalier.runtime.Port;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Samples;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs two models on the same inputs and compares what they give. */
final class OutputComparison {
  private static final int BATCH = 64;

  private final Recipe.Data data;
  private final Recipe.Execution execution;
  private final Listener listener;
  private final Session before;
  private final Session after;
  private final boolean judgesOnly;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Report.Fidelity fidelity;
  private Report.Accuracy accuracy;
  private SomeInputs sample;

  /** Inputs of one run, and how many samples they are. */
  record SomeInputs(Map<String, Datum> inputs, int samples) {}

  /**
   * A comparison of two open models, which it does not close.
   *
   * @param judgesOnly whether what the first one gives means nothing: only the second is judged
   */
  OutputComparison(
      Recipe.Data data,
      Recipe.Execution execution,
      Listener listener,
      Session before,
      Session after,
      boolean judgesOnly) {
    this.data = data;
    this.execution = execution;
    this.listener = listener;
    this.before = before;
    this.after = after;
    this.judgesOnly = judgesOnly;
  }

  /**
   * Compares outputs, and accuracies where there are labels: on the test data, else on the data,
   * else on inputs that are invented for {@code model}, which is that of the first session.
   *
   * @throws ModelException if the data do not fit the models, or one of them does not run on
   *     anything
   */
  void run(Model model) throws IOException {
    if (data.test().isPresent()) {
      runOn(DataSource.parse(data.test().get()));
      return;
    }
    if (data.data().isPresent()) {
      runOn(DataSource.parse(data.data().get()).forTraining());
      return;
    }
    SampleInputs.Found found =
        SampleInputs.find(model, before, RuntimeOptions.inputs(data, execution));
    if (found.samples().isEmpty()) {
      throw new ModelException(
          found.failure().orElse("no inputs were found on which the model runs"));
    }
    Samples samples = found.samples().get();
    if (!judgesOnly) {
      setFidelity("random", Comparison.of(before, after, samples));
    }
    sample = new SomeInputs(samples.single(), samples.singleSamples());
  }

  private void runOn(DataSource source) throws IOException {
    Dataset samples = Dataset.open(source, inputTypes(), preprocessing());
    if (data.test().isPresent() && !samples.labelled()) {
      throw new ModelException(
          "--test " + source + ": expected labelled samples; there is no key for the labels");
    }
    Comparison comparison = new Comparison();
    Accuracy right = new Accuracy();
    Accuracy stillRight = new Accuracy();
    long done = 0;
    for (Dataset.Batch batch : samples.batches(BATCH)) {
      Map<String, Datum> feeds = feeds(batch);
      Map<String, Datum> now = after.run(feeds);
      if (samples.labelled()) {
        stillRight.add(now, batch.labels());
      }
      if (!judgesOnly) {
        Map<String, Datum> old = before.run(feeds);
        comparison.add(old, now, batch.samples());
        if (samples.labelled()) {
          right.add(old, batch.labels());
        }
      }
      done += batch.samples();
      Stages.progress(listener, done, samples.samples());
    }
    if (!judgesOnly) {
      setFidelity(samples.name(), comparison.result());
    }
    if (samples.labelled()) {
      accuracy =
          new Report.Accuracy(
              samples.name(),
              stillRight.samples(),
              judgesOnly ? null : right.share(),
              stillRight.share());
    }
    notes.addAll(samples.notes());
    int size = Math.min(samples.samples(), samples.fixedBatch().orElse(1));
    Dataset.Batch first = samples.batch(0, size);
    sample = new SomeInputs(feeds(first), first.samples());
  }

  private Map<String, TensorType> inputTypes() {
    Map<String, TensorType> types = new LinkedHashMap<>();
    for (Port port : before.inputs()) {
      if (port.isTensor()) {
        types.put(port.name(), port.type());
      }
    }
    return types;
  }

  private Preprocessing preprocessing() {
    return new Preprocessing(
        data.scale(), data.mean(), data.std(), data.layout().map(Preprocessing.Layout::of));
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
    found.notCompared().forEach(output -> refusals.add(new Refusal("outputs", output)));
  }

  /** Whether no output is left that could not be compared as numbers and is not equal either. */
  boolean complete() {
    return fidelity != null && refusals.isEmpty();
  }

  /** Null where the outputs could not be compared. */
  Report.Fidelity fidelity() {
    return fidelity;
  }

  /** Null without labels. */
  Report.Accuracy accuracy() {
    return accuracy;
  }

  /** Inputs for the least that both models can run on, once they have run. */
  SomeInputs sample() {
    return sample;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  List<String> notes() {
    return notes;
  }
}
