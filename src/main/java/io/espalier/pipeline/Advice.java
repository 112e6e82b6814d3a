package io.espalier.pipeline;

import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plain sentences on what the figures mean, above all on what zeros do not bring. */
final class Advice {
  /** Ratios nearer to 1 than this count as no change. */
  private static final double NOTICEABLE = 1.15;

  /** Sparsities nearer than this differ by the rounding of counts. */
  private static final double ROUNDING = 0.005;

  private Advice() {}

  /** What a reader of {@code report} should know. */
  static List<String> on(Report report) {
    List<String> advice = new ArrayList<>();
    if (report.sparsity() == null) {
      return advice;
    }
    if (report.sparsity().achieved() > 0) {
      speed(report, advice);
      size(report, advice);
    }
    if (report.sparsity().achieved() < report.sparsity().requested() - ROUNDING) {
      advice.add(
          "fewer zeros than asked: counts are rounded weight by weight, at least one element of"
              + " each is kept, and a group of N:M that an axis cuts short keeps up to N");
    }
    if (report.tensors().isEmpty()) {
      advice.add(
          report.refusals().isEmpty()
              ? "the model has no weight that these options select"
              : "no weight of this model was pruned; the refusals say why");
    }
    report.tensors().stream()
        .filter(tensor -> tensor.nonzero() == 0)
        .forEach(
            tensor ->
                advice.add(
                    "%s has no element left other than zero; --layer '%s=0.9' keeps some"
                        .formatted(tensor.name(), tensor.name())));
    return advice;
  }

  private static void speed(Report report, List<String> advice) {
    if (report.latency() == null) {
      return;
    }
    double ratio = report.latency().before().p50Ms() / report.latency().after().p50Ms();
    if (ratio < NOTICEABLE) {
      advice.add(
          "zeros bring no speed: onnxruntime's kernels are dense and multiply them like any"
              + " other number; fewer channels or neurons would bring it");
    }
  }

  private static void size(Report report, List<String> advice) {
    Report.Compression compression = report.compression();
    if (compression == null || compression.file() >= NOTICEABLE) {
      return;
    }
    String packed = compression.xz() == null ? "" : packed(report);
    advice.add(
        "zeros bring no smaller .onnx where every zero is stored in full: --storage auto packs them,"
            + " and so does a name in .gz or .xz"
            + packed);
  }

  private static String packed(Report report) {
    return String.format(
        Locale.ROOT,
        " (-o %s.xz: %.1f times smaller than the input)",
        report.output().path().replaceAll(".*[/\\\\]", ""),
        (double) report.input().bytes() / report.output().xzBytes());
  }
}
