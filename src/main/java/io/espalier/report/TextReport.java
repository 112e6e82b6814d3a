package io.espalier.report;

import io.espalier.report.Paint.Tone;
import io.espalier.report.Report.GateResult;
import io.espalier.report.Report.TensorRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The form for the terminal: aligned, in ASCII but for names, no line longer than the width it is
 * given but for names of files. Long lists are folded, and say so; the forms for files have all.
 */
public final class TextReport {
  private static final int MOST_TENSORS = 40;
  private static final int MOST_NAMES = 6;
  private static final int LEAST_WIDTH = 60;
  private static final String INDENT = "  ";

  private final Report report;
  private final Comparison comparison;
  private final int width;
  private final Paint paint;
  private final StringBuilder out = new StringBuilder();

  private TextReport(Report report, int width, Paint paint) {
    this.report = report;
    this.comparison = new Comparison(report);
    this.width = Math.max(width, LEAST_WIDTH);
    this.paint = paint;
  }

  /** The report as lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Report report, int width, Paint paint) {
    return new TextReport(report, width, paint).render();
  }

  private String render() {
    files();
    tensors();
    comparison();
    refusals();
    gates();
    report.notes().forEach(note -> wrapped("", "Note: " + Printable.of(note)));
    line((report.notes().isEmpty() ? "" : "\n") + "Done in " + Figures.seconds(report.seconds()));
    return out.toString();
  }

  private void files() {
    String input = report.input() == null ? "" : Printable.of(report.input().path());
    if (report.output() == null) {
      heading(input + ": nothing was written");
    } else {
      String output = "-> " + Printable.of(report.output().path());
      boolean fits = input.length() + 1 + output.length() <= width;
      heading(input + (fits ? " " : "\n") + output);
    }
    line("Sparsity    " + comparison.sparsity());
    wrapped("", "Parameters  " + comparison.parameters());
    line("");
  }

  private void tensors() {
    if (report.tensors().isEmpty()) {
      return;
    }
    TextTable table = new TextTable(width, "Tensor", "Shape", "Elements", "Not zero", "Sparsity");
    for (TensorRow row : shown()) {
      table.row(
          row.name(),
          Figures.shape(row.shape()),
          Figures.count(row.elements()),
          Figures.count(row.nonzero()),
          Figures.percent(row.sparsity()));
    }
    table(table);
    int folded = report.tensors().size() - MOST_TENSORS;
    if (folded > 0) {
      line("and " + Figures.count(folded) + " smaller ones; --report FILE.md or .json has all");
    }
    line("");
  }

  /** The largest tensors, in the order of the report. */
  private List<TensorRow> shown() {
    List<TensorRow> all = report.tensors();
    if (all.size() <= MOST_TENSORS) {
      return all;
    }
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < all.size(); place++) {
      places.add(place);
    }
    places.sort(Comparator.comparingLong(place -> -all.get(place).elements()));
    Set<Integer> largest = new HashSet<>(places.subList(0, MOST_TENSORS));
    List<TensorRow> shown = new ArrayList<>();
    for (int place = 0; place < all.size(); place++) {
      if (largest.contains(place)) {
        shown.add(all.get(place));
      }
    }
    return shown;
  }

  private void comparison() {
    List<Comparison.Row> rows = comparison.rows();
    if (!rows.isEmpty()) {
      TextTable table = new TextTable(width, "", "Before", "After", "Change");
      rows.forEach(row -> table.row(row.measure(), row.before(), row.after(), row.change()));
      table(table);
    }
    List<String> conditions = comparison.conditions();
    conditions.forEach(sentence -> wrapped("", sentence));
    if (!rows.isEmpty() || !conditions.isEmpty()) {
      line("");
    }
  }

  private void refusals() {
    if (report.refusals().isEmpty()) {
      return;
    }
    heading("Left as it is");
    for (Map.Entry<String, List<String>> group : Reasons.group(report.refusals()).entrySet()) {
      List<String> names = group.getValue();
      String count = names.size() == 1 ? "" : Figures.count(names.size()) + " x ";
      wrapped(INDENT, count + Printable.of(group.getKey()));
      wrapped(INDENT + INDENT, folded(names));
    }
    line("");
  }

  private String folded(List<String> names) {
    StringBuilder text = new StringBuilder();
    for (String name : names.subList(0, Math.min(names.size(), MOST_NAMES))) {
      text.append(text.isEmpty() ? "" : ", ").append(Printable.within(width / 2, name));
    }
    if (names.size() > MOST_NAMES) {
      text.append(" and ").append(Figures.count(names.size() - MOST_NAMES));
      text.append(" more; --report FILE.md or .json has all");
    }
    return text.toString();
  }

  private void gates() {
    if (report.gates().isEmpty()) {
      return;
    }
    heading("Gates");
    for (GateResult gate : report.gates()) {
      String verdict =
          gate.met() ? paint.paint(Tone.GOOD, "met   ") : paint.paint(Tone.BAD, "MISSED");
      line(INDENT + verdict + INDENT + Printable.of(demand(gate)));
    }
    line("");
  }

  /** {@code min-sparsity: asked 70%, got 50%}. */
  public static String demand(GateResult gate) {
    return gate.gate() + ": asked " + gate.asked() + ", got " + gate.got();
  }

  private void table(TextTable table) {
    List<String> lines = table.lines();
    heading(lines.get(0));
    lines.subList(1, lines.size()).forEach(this::line);
  }

  private void heading(String text) {
    line(paint.paint(Tone.HEADING, text));
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** The text broken at spaces so that it fits; following lines stand two columns further in. */
  private void wrapped(String indent, String text) {
    StringBuilder line = new StringBuilder(indent);
    boolean empty = true;
    for (String word : text.split(" ")) {
      if (!empty && line.length() + 1 + word.length() > width) {
        line(line.toString());
        line = new StringBuilder(indent).append(INDENT);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    line(line.toString());
  }
}
