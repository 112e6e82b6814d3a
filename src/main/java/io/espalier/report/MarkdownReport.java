package io.espalier.report;

import io.espalier.report.Report.GateResult;
import io.espalier.report.Report.StoredRow;
import io.espalier.report.Report.TensorRow;
import java.util.List;
import java.util.Map;

/** The form for merge requests and summaries of CI jobs. Nothing is folded away for good. */
final class MarkdownReport {
  private static final int MOST_OPEN_ROWS = 20;

  private final Report report;
  private final Comparison comparison;
  private final StringBuilder out = new StringBuilder();

  private MarkdownReport(Report report) {
    this.report = report;
    this.comparison = new Comparison(report);
  }

  static String render(Report report) {
    return new MarkdownReport(report).render();
  }

  private String render() {
    files();
    gates();
    training();
    comparison();
    tensors();
    storage();
    quantization();
    refusals();
    report.notes().forEach(note -> line("> " + text(note) + "\n"));
    line("Espalier " + report.espalier() + ", " + Figures.seconds(report.seconds()));
    return out.toString();
  }

  private void files() {
    line(comparison.isOfPruning() ? "# Pruning report\n" : "# Training report\n");
    if (report.input() != null) {
      line("- Input: " + code(report.input().path()));
    }
    line("- Output: " + (report.output() == null ? "none" : code(report.output().path())));
    if (comparison.isOfPruning()) {
      line("- Sparsity: " + comparison.sparsity());
    }
    line("- Parameters: " + comparison.parameters());
    line("");
  }

  private void training() {
    if (report.training() == null) {
      return;
    }
    TrainingFigures training = new TrainingFigures(report.training());
    line(training.heading() + "\n");
    row(training.columns());
    line("|" + "---|".repeat(training.columns().length));
    training.rows().forEach(this::row);
    line("");
  }

  private void gates() {
    if (report.gates().isEmpty()) {
      return;
    }
    line("| Gate | Asked | Got | |\n|---|---|---|---|");
    for (GateResult gate : report.gates()) {
      row(
          text(gate.gate()),
          text(gate.asked()),
          text(gate.got()),
          gate.met() ? "met" : "**missed**");
    }
    line("");
  }

  private void comparison() {
    List<Measures.Row> rows = comparison.measures().rows();
    if (!rows.isEmpty()) {
      line("| | Before | After | Change |\n|---|---:|---:|---:|");
      rows.forEach(row -> row(row.measure(), row.before(), row.after(), row.change()));
      line("");
    }
    comparison.conditions().forEach(sentence -> line(text(sentence) + "\n"));
  }

  private void tensors() {
    if (report.tensors().isEmpty()) {
      return;
    }
    boolean closed = report.tensors().size() > MOST_OPEN_ROWS;
    line("## Tensors\n");
    if (closed) {
      String count = Figures.count(report.tensors().size());
      line("<details><summary>" + count + " pruned tensors</summary>\n");
    }
    line("| Tensor | Shape | Elements | Not zero | Sparsity |\n|---|---|---:|---:|---:|");
    for (TensorRow row : report.tensors()) {
      row(
          code(row.name()),
          Figures.shape(row.shape()),
          Figures.count(row.elements()),
          Figures.count(row.nonzero()),
          Figures.percent(row.sparsity()));
    }
    line(closed ? "\n</details>\n" : "");
  }

  private void storage() {
    if (report.storage() == null || report.storage().weights().isEmpty()) {
      return;
    }
    List<StoredRow> rows = report.storage().weights();
    line("## Stored\n");
    row(StorageFigures.COLUMNS);
    line("|---|---|---:|---:|---:|");
    for (StoredRow row : rows) {
      String[] cells = StorageFigures.cells(row);
      cells[0] = code(row.name());
      row(cells);
    }
    StorageFigures.sentences(report.storage()).forEach(one -> line("\n" + text(one)));
    line("");
  }

  private void quantization() {
    Map<String, String> lines = QuantizationFigures.lines(report);
    if (lines.isEmpty()) {
      return;
    }
    line("## Quantized\n");
    lines.forEach((label, sentence) -> line("- " + label + ": " + text(sentence)));
    line("");
  }

  private void refusals() {
    if (report.refusals().isEmpty()) {
      return;
    }
    line("## Left as it is\n");
    for (Map.Entry<String, List<String>> group : Reasons.group(report.refusals()).entrySet()) {
      List<String> names = group.getValue();
      line("- " + text(group.getKey()) + " (" + Figures.count(names.size()) + ")");
      names.forEach(name -> line("  - " + code(name)));
    }
    line("");
  }

  private void row(String... cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** A name as it is; the characters that end a code span or a cell are replaced. */
  private static String code(String name) {
    return "`" + Printable.of(name).replace('`', '\'').replace("|", "\\|") + "`";
  }

  /** Prose; the characters that Markdown would read are escaped. */
  private static String text(String prose) {
    StringBuilder escaped = new StringBuilder();
    for (char character : Printable.of(prose).toCharArray()) {
      if ("\\`*_[]<>|#~".indexOf(character) >= 0) {
        escaped.append('\\');
      }
      escaped.append(character);
    }
    return escaped.toString();
  }
}
