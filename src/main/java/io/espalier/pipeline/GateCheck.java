package io.espalier.pipeline;

import io.espalier.report.Report;
import io.espalier.report.Report.GateResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** Holds what was found against what the recipe demands. */
final class GateCheck {
  private static final String UNKNOWN = "not measured";

  /** Accuracies are counts over counts; differences this small are rounding. */
  private static final double ROUNDING = 1e-12;

  private GateCheck() {}

  /**
   * A result for each gate that the recipe has.
   *
   * @param allCompared whether the report's fidelity is that of all outputs; if not, a gate on it
   *     counts as not measured
   */
  static List<GateResult> check(Recipe.Gates gates, Report found, boolean allCompared) {
    List<GateResult> results = new ArrayList<>();
    atLeast(
        results,
        "min-sparsity",
        gates.minSparsity(),
        found.sparsity() == null ? null : found.sparsity().achieved(),
        GateCheck::share);
    atLeast(
        results,
        "min-compression",
        gates.minCompression(),
        found.compression() == null ? null : found.compression().file(),
        factor -> format("%.2fx", factor));
    atMost(
        results,
        "max-bytes",
        gates.maxBytes().map(Long::doubleValue),
        found.output() == null ? null : (double) found.output().bytes(),
        bytes -> format("%,.0f bytes", bytes));
    results.addAll(onRuns(gates, allCompared ? found.fidelity() : null, judged(found.accuracy())));
    return results;
  }

  /** What held-out samples say; null if none were judged. */
  static Report.Accuracy judged(List<Report.Accuracy> accuracies) {
    return accuracies.stream().filter(one -> one.split().equals("test")).findFirst().orElse(null);
  }

  /** A result for each gate on what the models give; null is what was not measured. */
  static List<GateResult> onRuns(
      Recipe.Gates gates, Report.Fidelity fidelity, Report.Accuracy accuracy) {
    List<GateResult> results = new ArrayList<>();
    atMost(
        results,
        "max-output-diff",
        gates.maxOutputDiff(),
        fidelity == null ? null : fidelity.maxAbsDiff(),
        diff -> format("%.3g", diff));
    atMost(
        results,
        "max-accuracy-drop",
        gates.maxAccuracyDrop().map(drop -> drop + ROUNDING),
        accuracy == null || accuracy.before() == null ? null : accuracy.before() - accuracy.after(),
        drop -> format("%.2f pp", 100 * drop));
    return results;
  }

  private static void atLeast(
      List<GateResult> results,
      String gate,
      Optional<Double> asked,
      Double got,
      DoubleFunction<String> text) {
    asked.ifPresent(
        least ->
            results.add(result(gate, "at least ", least, got, got != null && got >= least, text)));
  }

  private static void atMost(
      List<GateResult> results,
      String gate,
      Optional<Double> asked,
      Double got,
      DoubleFunction<String> text) {
    asked.ifPresent(
        most -> results.add(result(gate, "at most ", most, got, got != null && got <= most, text)));
  }

  private static GateResult result(
      String gate,
      String bound,
      double asked,
      Double got,
      boolean met,
      DoubleFunction<String> text) {
    return new GateResult(
        gate, bound + text.apply(asked), got == null ? UNKNOWN : text.apply(got), met);
  }

  private static String share(double share) {
    return format("%.4g %%", 100 * share);
  }

  private static String format(String pattern, double number) {
    return String.format(Locale.ROOT, pattern, number);
  }
}
