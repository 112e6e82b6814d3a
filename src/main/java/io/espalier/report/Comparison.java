package io.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What was measured of both models, side by side, and the words that go with it. */
final class Comparison {
  /** One measure; an empty cell was not measured. */
  record Row(String measure, String before, String after, String change) {}

  /** Below that, the memory that a process takes and gives back says nothing. */
  private static final long SMALLEST_MEMORY = 16 << 20;

  private final Report report;

  Comparison(Report report) {
    this.report = report;
  }

  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    addSizes(rows);
    addLatency(rows);
    addOpening(rows);
    addAccuracy(rows);
    return rows;
  }

  /** What the rows cannot say: under which conditions they hold, and how the outputs differ. */
  List<String> conditions() {
    List<String> sentences = new ArrayList<>();
    Report.Latency latency = report.latency();
    if (latency != null) {
      sentences.add(
          "Latency: "
              + latency.device()
              + ", batch "
              + latency.batch()
              + ", "
              + Figures.counted(latency.threads(), "thread")
              + ", "
              + Figures.counted(latency.runs(), "run")
              + " of each model in turn.");
    }
    report.accuracy().forEach(accuracy -> sentences.add(judged(accuracy)));
    report
        .errors()
        .forEach(one -> sentences.add(judged("Errors", one.split(), one.samples(), one.data())));
    if (report.fidelity() != null) {
      sentences.add(outputs(report.fidelity()));
    }
    return sentences;
  }

  /** Whether the run was to prune, not only to train. */
  boolean isOfPruning() {
    return report.sparsity() != null || report.training() == null;
  }

  /** What became of the parameters. */
  String sparsity() {
    Report.Parameters parameters = report.parameters();
    Report.Sparsity sparsity = report.sparsity();
    if (parameters != null && parameters.prunable() == 0) {
      return "nothing to prune";
    }
    return sparsity == null
        ? "not measured"
        : Figures.percent(sparsity.requested())
            + " asked, "
            + Figures.percent(sparsity.achieved())
            + " achieved";
  }

  String parameters() {
    Report.Parameters parameters = report.parameters();
    return parameters == null
        ? "not counted"
        : Figures.count(parameters.total())
            + " in all, "
            + (isOfPruning() ? Figures.count(parameters.prunable()) + " prunable, " : "")
            + Figures.count(parameters.nonzero())
            + " not zero";
  }

  private void addSizes(List<Row> rows) {
    Report.Input input = report.input();
    Report.Output output = report.output();
    if (input == null || output == null) {
      return;
    }
    addSize(rows, "File", input.bytes(), output.bytes());
    addSize(rows, "File in gzip", input.gzipBytes(), output.gzipBytes());
    addSize(rows, "File in bzip2", input.bzip2Bytes(), output.bzip2Bytes());
    addSize(rows, "File in zstd", input.zstdBytes(), output.zstdBytes());
    addSize(rows, "File in xz", input.xzBytes(), output.xzBytes());
    addSize(rows, "File, then in xz", input.bytes(), output.xzBytes());
  }

  private static void addSize(List<Row> rows, String measure, Long before, Long after) {
    if (before != null && after != null) {
      String ratio = Figures.ratio((double) before / after);
      rows.add(new Row(measure, Figures.bytes(before), Figures.bytes(after), ratio));
    }
  }

  private void addOpening(List<Row> rows) {
    if (report.storage() == null || report.storage().opening() == null) {
      return;
    }
    Report.Opening opening = report.storage().opening();
    addTime(rows, "Opening", opening.beforeMs(), opening.afterMs());
    if (opening.beforePeakBytes() != null && opening.beforePeakBytes() >= SMALLEST_MEMORY) {
      addSize(rows, "Memory to open", opening.beforePeakBytes(), opening.afterPeakBytes());
    }
  }

  private void addLatency(List<Row> rows) {
    Report.Latency latency = report.latency();
    if (latency != null) {
      addTime(rows, "Latency, median", latency.before().p50Ms(), latency.after().p50Ms());
      addTime(rows, "Latency, 95th of 100", latency.before().p95Ms(), latency.after().p95Ms());
    }
  }

  private static void addTime(List<Row> rows, String measure, double before, double after) {
    String ratio = Figures.ratio(before / after);
    rows.add(new Row(measure, Figures.millis(before), Figures.millis(after), ratio));
  }

  private void addAccuracy(List<Row> rows) {
    for (Report.Accuracy accuracy : report.accuracy()) {
      rows.add(
          new Row(
              "Accuracy, " + accuracy.split(),
              accuracy.before() == null ? "" : Figures.percent(accuracy.before()),
              Figures.percent(accuracy.after()),
              accuracy.before() == null
                  ? ""
                  : Figures.points(accuracy.before(), accuracy.after())));
    }
    for (Report.Errors errors : report.errors()) {
      addErrors(rows, "Squared error, " + errors.split(), errors, Report.MeanErrors::squared);
      addErrors(rows, "Absolute error, " + errors.split(), errors, Report.MeanErrors::absolute);
    }
  }

  private static void addErrors(
      List<Row> rows,
      String measure,
      Report.Errors errors,
      ToDoubleFunction<Report.MeanErrors> mean) {
    if (errors.before() == null) {
      rows.add(new Row(measure, "", Figures.any(mean.applyAsDouble(errors.after())), ""));
      return;
    }
    double before = mean.applyAsDouble(errors.before());
    double after = mean.applyAsDouble(errors.after());
    rows.add(
        new Row(measure, Figures.any(before), Figures.any(after), Figures.ratio(before / after)));
  }

  /** On what the accuracy was judged. */
  static String judged(Report.Accuracy accuracy) {
    return judged("Accuracy", accuracy.split(), accuracy.samples(), accuracy.data());
  }

  private static String judged(String figure, String split, long samples, String data) {
    return figure
        + ", "
        + split
        + ": "
        + Figures.counted(samples, "sample")
        + " of "
        + Printable.of(data)
        + ".";
  }

  /** How far outputs are apart. */
  static String outputs(Report.Fidelity fidelity) {
    String inputs = fidelity.inputs().equals("random") ? "random " : "";
    String of = inputs.isEmpty() ? " of " + Printable.of(fidelity.inputs()) : "";
    String text =
        "Outputs on "
            + Figures.count(fidelity.samples())
            + " "
            + inputs
            + (fidelity.samples() == 1 ? "sample" : "samples")
            + of
            + ": largest difference "
            + Figures.any(fidelity.maxAbsDiff())
            + ", mean "
            + Figures.any(fidelity.meanAbsDiff());
    return fidelity.top1Agreement() == null
        ? text + "."
        : text + ", same first class for " + Figures.percent(fidelity.top1Agreement()) + ".";
  }
}
