package io.espalier.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a report has of both models, side by side, and the words that go with it. */
final class Comparison {
  private final Report report;

  Comparison(Report report) {
    this.report = report;
  }

  Measures measures() {
    Measures measures = new Measures();
    addSizes(measures);
    measures.latency(report.latency());
    measures.opening(report.storage());
    addAccuracy(measures);
    return measures;
  }

  /** What the rows cannot say: under which conditions they hold, and how the outputs differ. */
  List<String> conditions() {
    List<String> sentences = new ArrayList<>();
    if (report.latency() != null) {
      sentences.add(conditions(report.latency()));
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

  /** Under which conditions latencies hold. */
  static String conditions(Report.Latency latency) {
    return "Latency: %s, batch %s, %s, %s of each model in turn."
        .formatted(
            latency.device(),
            latency.batch(),
            Figures.counted(latency.threads(), "thread"),
            Figures.counted(latency.runs(), "run"));
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

  private void addSizes(Measures measures) {
    Report.Input input = report.input();
    Report.Output output = report.output();
    if (input == null || output == null) {
      return;
    }
    measures.size("File", input.bytes(), output.bytes());
    measures.size("File in gzip", input.gzipBytes(), output.gzipBytes());
    measures.size("File in bzip2", input.bzip2Bytes(), output.bzip2Bytes());
    measures.size("File in zstd", input.zstdBytes(), output.zstdBytes());
    measures.size("File in xz", input.xzBytes(), output.xzBytes());
    measures.size("File, then in xz", input.bytes(), output.xzBytes());
  }

  private void addAccuracy(Measures measures) {
    for (Report.Accuracy accuracy : report.accuracy()) {
      measures.row(
          "Accuracy, " + accuracy.split(),
          accuracy.before() == null ? "" : Figures.percent(accuracy.before()),
          Figures.percent(accuracy.after()),
          accuracy.before() == null ? "" : Figures.points(accuracy.before(), accuracy.after()));
    }
    for (Report.Errors errors : report.errors()) {
      addErrors(measures, "Squared error, " + errors.split(), errors, Report.MeanErrors::squared);
      addErrors(measures, "Absolute error, " + errors.split(), errors, Report.MeanErrors::absolute);
    }
  }

  private static void addErrors(
      Measures measures,
      String measure,
      Report.Errors errors,
      ToDoubleFunction<Report.MeanErrors> mean) {
    if (errors.before() == null) {
      measures.row(measure, "", Figures.any(mean.applyAsDouble(errors.after())), "");
      return;
    }
    double before = mean.applyAsDouble(errors.before());
    double after = mean.applyAsDouble(errors.after());
    measures.row(measure, Figures.any(before), Figures.any(after), Figures.ratio(before / after));
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
