package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.report.Report;
import io.espalier.runtime.Comparison;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Fidelity;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Samples;
import io.espalier.runtime.Session;
import io.espalier.train.ValidationSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs two models on the same inputs and compares what they give. */
final class OutputComparison {
  static final int BATCH = 64;

  private final Recipe.Data data;
  private final Recipe.Execution execution;
  private final Listener listener;
  private final Session before;
  private final Session after;
  private final boolean judgesOnly;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Report.Fidelity fidelity;
  private final List<Report.Accuracy> accuracy = new ArrayList<>();
  private final List<Report.Errors> errors = new ArrayList<>();
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
      runOn(SessionData.open(DataSource.parse(data.test().get()), data, before), model);
      return;
    }
    if (data.data().isPresent()) {
      runOn(trainingData(), model);
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

  private void runOn(Dataset samples, Model model) {
    if (data.test().isPresent()) {
      TestData.requireLabels(samples);
    }
    Comparison comparison = new Comparison();
    SplitJudge judge =
        samples.labelled()
            ? new SplitJudge(data.test().isPresent() ? "test" : "data", samples, model, judgesOnly)
            : null;
    long done = 0;
    for (Dataset.Batch batch : samples.batches(BATCH)) {
      Map<String, Datum> feeds = SessionData.feeds(batch);
      Map<String, Datum> old = judgesOnly ? null : before.run(feeds);
      Map<String, Datum> now = after.run(feeds);
      if (judge != null) {
        judge.add(old, now, batch);
      }
      if (!judgesOnly) {
        comparison.add(old, now, batch.samples());
      }
      done += batch.samples();
      Stages.progress(listener, done, samples.samples());
    }
    if (!judgesOnly) {
      setFidelity(samples.name(), comparison.result());
    }
    if (judge != null) {
      keep(judge);
    }
    notes.addAll(samples.notes());
    int size = Math.min(samples.samples(), samples.fixedBatch().orElse(1));
    Dataset.Batch first = samples.batch(0, size);
    sample = new SomeInputs(SessionData.feeds(first), first.samples());
  }

  private Dataset trainingData() throws IOException {
    DataSource source = DataSource.parse(data.data().orElseThrow()).forTraining();
    return SessionData.open(source, data, before);
  }

  private void keep(SplitJudge judge) {
    judge.accuracy().ifPresent(accuracy::add);
    judge.errors().ifPresent(errors::add);
  }

  /** Judges both models on the labelled samples that one of them was trained by. */
  void judgeTraining(Recipe.Training training, Model model) throws IOException {
    Dataset samples = trainingData();
    if (!samples.labelled()) {
      return;
    }
    List<Report.Accuracy> tested = List.copyOf(accuracy);
    List<Report.Errors> testedErrors = List.copyOf(errors);
    accuracy.clear();
    errors.clear();
    ValidationSplit.Parts parts =
        training
            .settings()
            .split()
            .map(split -> split.split(samples.samples(), samples.targets(), execution.seed()))
            .orElse(
                new ValidationSplit.Parts(
                    IntStream.range(0, samples.samples()).toArray(), new int[0]));
    judge("training", samples, parts.training(), model);
    if (parts.validation().length > 0) {
      judge("validation", samples, parts.validation(), model);
    }
    if (training.validation().isPresent()) {
      Dataset apart = SessionData.open(DataSource.parse(training.validation().get()), data, before);
      judge("validation", apart, IntStream.range(0, apart.samples()).toArray(), model);
    }
    tested.stream().filter(one -> one.split().equals("test")).forEach(accuracy::add);
    testedErrors.stream().filter(one -> one.split().equals("test")).forEach(errors::add);
  }

  private void judge(String split, Dataset samples, int[] rows, Model model) {
    SplitJudge judge = new SplitJudge(split, samples, model, judgesOnly);
    long done = 0;
    for (Dataset.Batch batch : samples.batches(BATCH, rows)) {
      Map<String, Datum> feeds = SessionData.feeds(batch);
      judge.add(judgesOnly ? null : before.run(feeds), after.run(feeds), batch);
      done += batch.samples();
      Stages.progress(listener, done, rows.length);
    }
    keep(judge);
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

  /** By split; empty without labels. */
  List<Report.Accuracy> accuracy() {
    return accuracy;
  }

  /** By split; empty unless targets are numbers to reach. */
  List<Report.Errors> errors() {
    return errors;
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
