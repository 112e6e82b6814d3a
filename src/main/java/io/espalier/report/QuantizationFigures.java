package io.espalier.report;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a report says of a model whose weights are integers. */
final class QuantizationFigures {
  private QuantizationFigures() {}

  /** Sentences by what they are about; none where nothing was quantized. */
  static Map<String, String> lines(Report report) {
    Map<String, String> lines = new LinkedHashMap<>();
    Report.Quantization quantization = report.quantization();
    if (quantization == null) {
      return lines;
    }
    lines.put("Quantized", Printable.of(quantization.goal().replace(":", ": ").replace(",", ", ")));
    lines.put("Weights", weights(quantization));
    if (quantization.integerLayers() != null) {
      lines.put(
          "Kernels",
          "%s of %s layers are computed on integers"
              .formatted(
                  Figures.count(quantization.integerLayers()),
                  Figures.count(quantization.weights())));
    }
    if (quantization.calibration() != null) {
      lines.put("Ranges", ranges(quantization.calibration()));
    }
    if (report.fidelity() != null && report.fidelity().top1Agreement() != null) {
      lines.put(
          "Agreement",
          "same first class for "
              + Figures.percent(report.fidelity().top1Agreement())
              + " of "
              + Figures.counted(report.fidelity().samples(), "sample"));
    }
    for (Report.Accuracy accuracy : report.accuracy()) {
      if (accuracy.before() != null) {
        String change = Figures.percent(accuracy.before()) + " -> ";
        lines.put("Accuracy", change + Figures.percent(accuracy.after()) + ", " + accuracy.split());
      }
    }
    if (report.latency() != null) {
      double before = report.latency().before().p50Ms();
      double after = report.latency().after().p50Ms();
      lines.put(
          "Latency",
          "%s -> %s (%s)"
              .formatted(
                  Figures.millis(before), Figures.millis(after), Figures.ratio(before / after)));
    }
    return lines;
  }

  private static String weights(Report.Quantization quantization) {
    return "%s: %s as floats, %s as integers (%s); largest error of an element %s"
        .formatted(
            Figures.count(quantization.weights()),
            Figures.bytes(quantization.bytesBefore()),
            Figures.bytes(quantization.bytesAfter()),
            Figures.ratio(
                (double) quantization.bytesBefore() / Math.max(1, quantization.bytesAfter())),
            Figures.any(quantization.maxError()));
  }

  private static String ranges(Report.Calibration calibration) {
    boolean random = calibration.data().equals("random");
    return "of activations: %s, on %s%s"
        .formatted(
            calibration.method(),
            Figures.counted(calibration.samples(), random ? "random sample" : "sample"),
            random ? "; real ones (--data) fit better" : " of " + Printable.of(calibration.data()));
  }
}
