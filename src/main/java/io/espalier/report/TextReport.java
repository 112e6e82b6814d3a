package io.espalier.report;

import io.espalier.report.Report.GateResult;
import io.espalier.report.Report.TensorRow;
import java.util.List;
import java.util.Map;

/**
 * The form for the terminal: aligned, in ASCII but for names, no line longer than the width it is
 * given but for names of files. Long lists are folded, and say so; the forms for files have all.
 */
public final class TextReport {
  private final Report report;
  private final Comparison comparison;
  private final TextPage page;

  private TextReport(Report report, int width, Paint paint) {
    this.report = report;
    this.comparison = new Comparison(report);
    this.page = new TextPage(width, paint, "--report FILE.md or .json has all");
  }

  /** The report as lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Report report, int width, Paint paint) {
    return new TextReport(report, width, paint).render();
  }

  private String render() {
    files();
    training();
    tensors();
    storage();
    quantization();
    comparison();
    refusals();
    gates();
    report.notes().forEach(note -> page.wrapped("", "Note: " + Printable.of(note)));
    page.line(
        (report.notes().isEmpty() ? "" : "\n") + "Done in " + Figures.seconds(report.seconds()));
    return page.text();
  }

  private void files() {
    String input = report.input() == null ? "" : Printable.of(report.input().path());
    if (report.output() == null) {
      page.heading(input + ": nothing was written");
    } else {
      String output = "-> " + Printable.of(report.output().path());
      boolean fits = input.length() + 1 + output.length() <= page.width();
      page.heading(input + (fits ? " " : "\n") + output);
    }
    if (comparison.isOfPruning()) {
      page.labelled("Sparsity", comparison.sparsity());
    }
    page.labelled("Parameters", comparison.parameters());
    page.line("");
  }

  private void training() {
    if (report.training() == null) {
      return;
    }
    TrainingFigures training = new TrainingFigures(report.training());
    page.wrapped("", training.heading());
    TextTable table = new TextTable(page.width(), training.columns());
    training.rows().forEach(table::row);
    page.table(table);
    page.line("");
  }

  private void tensors() {
    if (report.tensors().isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable(page.width(), "Tensor", "Shape", "Elements", "Not zero", "Sparsity");
    for (TensorRow row : TextPage.largest(report.tensors(), TensorRow::elements)) {
      table.row(
          row.name(),
          Figures.shape(row.shape()),
          Figures.count(row.elements()),
          Figures.count(row.nonzero()),
          Figures.percent(row.sparsity()));
    }
    page.table(table);
    page.foldedRows(report.tensors());
    page.line("");
  }

  private void storage() {
    if (report.storage() == null || report.storage().weights().isEmpty()) {
      return;
    }
    StorageFigures.show(report.storage(), page);
    page.line("");
  }

  private void quantization() {
    Map<String, String> lines = QuantizationFigures.lines(report);
    lines.forEach(page::labelled);
    if (!lines.isEmpty()) {
      page.line("");
    }
  }

  private void comparison() {
    Measures measures = comparison.measures();
    if (!measures.isEmpty()) {
      page.table(measures.table(page.width()));
    }
    List<String> conditions = comparison.conditions();
    conditions.forEach(sentence -> page.wrapped("", sentence));
    if (!measures.isEmpty() || !conditions.isEmpty()) {
      page.line("");
    }
  }

  private void refusals() {
    if (!report.refusals().isEmpty()) {
      page.heading("Left as it is");
      page.grouped(Reasons.group(report.refusals()));
      page.line("");
    }
  }

  private void gates() {
    if (report.gates().isEmpty()) {
      return;
    }
    page.gates(report.gates());
    page.line("");
  }

  /** {@code min-sparsity: asked 70%, got 50%}. */
  public static String demand(GateResult gate) {
    return gate.gate() + ": asked " + gate.asked() + ", got " + gate.got();
  }
}
