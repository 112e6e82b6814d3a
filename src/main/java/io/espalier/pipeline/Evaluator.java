package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Targets;
import io.espalier.graph.ModelException;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.pass.LossKind;
import io.espalier.report.Evaluation;
import io.espalier.report.Report;
import io.espalier.report.ReportForm;
import io.espalier.runtime.Accuracy;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import io.espalier.train.Confusion;
import io.espalier.train.Judge;
import io.espalier.train.ModelLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Finds out what a model is worth on labelled samples. */
public final class Evaluator {
  private static final int BATCH = 64;

  /**
   * What is judged, and on what.
   *
   * @param validation more samples, named as those of {@code data}
   * @param loss absent: that a model of Keras was compiled with, or what fits the model's last
   *     activation and the targets
   * @param reports files for the result; the ending is the form
   */
  public record Plan(
      Path model,
      Recipe.Data data,
      Optional<String> validation,
      Optional<LossKind> loss,
      Recipe.Execution execution,
      List<Path> reports) {
    public Plan {
      reports = List.copyOf(reports);
      ReportFiles.requireForms(reports);
      if (data.data().isEmpty() && validation.isEmpty() && data.test().isEmpty()) {
        throw new UsageException(
            "--data: expected labelled samples here, in --validation or in --test");
      }
    }

    private Map<String, String> sources() {
      Map<String, String> sources = new LinkedHashMap<>();
      data.data().ifPresent(source -> sources.put("data", source));
      validation.ifPresent(source -> sources.put("validation", source));
      data.test().ifPresent(source -> sources.put("test", source));
      return sources;
    }
  }

  private final Plan plan;
  private final Listener listener;
  private final InputModel input;
  private final Session session;
  private final SessionOptions options;
  private final long start = System.nanoTime();
  private final List<Evaluation.Split> splits = new ArrayList<>();
  private final List<Report.RefusalRow> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private LossKind kind;

  private Evaluator(
      Plan plan, Listener listener, InputModel input, Session session, SessionOptions options) {
    this.plan = plan;
    this.listener = listener;
    this.input = input;
    this.session = session;
    this.options = options;
  }

  /**
   * Judges the model, and writes the reports.
   *
   * @throws ModelException if the model does not run or the data do not fit it
   * @throws InterruptedRunException if the listener cancelled
   * @throws IOException if a file cannot be read or written
   */
  public static Evaluation evaluate(Plan plan, Listener listener) throws IOException {
    Stages.begin(listener, "reading");
    ReportFiles.requireWritable(plan.reports());
    try (InputModel input = InputModel.open(plan.model())) {
      SessionOptions options = input.safe(RuntimeOptions.session(plan.data(), plan.execution()));
      try (Session session = input.session(options)) {
        return new Evaluator(plan, listener, input, session, options).evaluate();
      }
    }
  }

  private Evaluation evaluate() throws IOException {
    for (Map.Entry<String, String> source : plan.sources().entrySet()) {
      Stages.begin(listener, "evaluating " + source.getKey());
      Dataset data = SessionData.open(DataSource.parse(source.getValue()), plan.data(), session);
      data.notes().stream().filter(note -> !notes.contains(note)).forEach(notes::add);
      splits.add(split(source.getKey(), data));
    }
    Evaluation found =
        new Evaluation(
            Evaluation.SCHEMA_VERSION,
            Version.current(),
            plan.model().toString(),
            kind == null ? null : name(kind),
            splits,
            refusals,
            notes,
            (System.nanoTime() - start) / 1e9);
    for (Path file : plan.reports()) {
      ReportFiles.write(file, ReportForm.of(file).orElseThrow().render(found));
    }
    return found;
  }

  private static String name(LossKind kind) {
    return switch (kind) {
      case LABELS, DISTRIBUTIONS -> "cross-entropy";
      case BINARY -> "binary";
      case SQUARED_ERROR -> "mse";
      case ABSOLUTE_ERROR -> "mae";
    };
  }

  private Evaluation.Split split(String name, Dataset data) {
    Targets targets =
        data.targets()
            .orElseThrow(
                () ->
                    new ModelException(
                        "--%s %s: expected labelled samples; there is no key for the labels"
                            .formatted(name, data.name())));
    ModelLoss loss;
    double value;
    try {
      loss = new ModelLoss(input.model(), targets, plan.loss().or(() -> compiled()));
      value = loss.of(data, BATCH, options);
    } catch (UnsupportedModelException e) {
      if (targets.classes().isEmpty()) {
        throw e;
      }
      refusals.add(new Report.RefusalRow(name, "only the accuracy: " + e.getMessage()));
      return onlyAccuracy(name, data);
    }
    kind = loss.kind();
    Judge judge = loss.judge(targets);
    for (Dataset.Batch batch : data.batches(BATCH)) {
      judge.add(session.run(SessionData.feeds(batch)), batch.rows());
      Stages.progress(listener, judge.samples(), data.samples());
    }
    return new Evaluation.Split(
        name,
        data.name(),
        judge.samples(),
        value,
        boxed(judge.accuracy()),
        boxed(judge.squaredError()),
        boxed(judge.absoluteError()),
        judge.confusion().map(Evaluator::classes).orElse(List.of()),
        judge.confusion().map(Evaluator::counts).orElse(List.of()));
  }

  /** What the model was compiled with, if it comes from Keras. */
  private Optional<LossKind> compiled() {
    CompiledLoss loss = CompiledLoss.of(input.model());
    if (loss.kind().isPresent()) {
      String note = "loss %s as compiled in %s".formatted(loss.name(), plan.model().getFileName());
      if (!notes.contains(note)) {
        notes.add(note);
      }
    }
    return loss.kind();
  }

  private Evaluation.Split onlyAccuracy(String name, Dataset data) {
    Accuracy accuracy = new Accuracy();
    for (Dataset.Batch batch : data.batches(BATCH)) {
      accuracy.add(session.run(SessionData.feeds(batch)), batch.labels());
      Stages.progress(listener, accuracy.samples(), data.samples());
    }
    return new Evaluation.Split(
        name,
        data.name(),
        accuracy.samples(),
        null,
        accuracy.share(),
        null,
        null,
        List.of(),
        List.of());
  }

  private static Double boxed(OptionalDouble figure) {
    return figure.isPresent() ? figure.getAsDouble() : null;
  }

  private static List<Evaluation.ClassRow> classes(Confusion confusion) {
    return confusion.perClass().stream()
        .map(
            one ->
                new Evaluation.ClassRow(
                    one.name(), one.samples(), one.precision(), one.recall(), one.f1()))
        .toList();
  }

  private static List<List<Long>> counts(Confusion confusion) {
    int classes = confusion.classes().size();
    return IntStream.range(0, classes)
        .mapToObj(
            actual ->
                IntStream.range(0, classes)
                    .mapToObj(predicted -> confusion.count(actual, predicted))
                    .toList())
        .toList();
  }
}
