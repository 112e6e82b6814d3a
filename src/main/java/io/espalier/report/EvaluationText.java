package io.espalier.report;

import io.espalier.report.Evaluation.Split;
import java.util.List;

/** What a model is worth, as text: all splits in one table, the classes of the last one. */
public final class EvaluationText {
  private final Evaluation found;
  private final TextPage page;

  private EvaluationText(Evaluation found, int width, Paint paint) {
    this.found = found;
    this.page = new TextPage(width, paint, "--json has all");
  }

  /** Lines that fit {@code width} columns, each ended by a newline. */
  public static String render(Evaluation found, int width, Paint paint) {
    return new EvaluationText(found, width, paint).render();
  }

  private String render() {
    page.heading(Printable.of(found.model()));
    if (found.loss() != null) {
      page.labelled("Loss", found.loss());
    }
    found
        .splits()
        .forEach(split -> page.wrapped("", split.split() + ": " + Printable.of(split.data())));
    page.line("");
    table(EvaluationTables.splits(found));
    Split last = found.splits().get(found.splits().size() - 1);
    if (!last.classes().isEmpty()) {
      classes(last);
    }
    if (!found.refusals().isEmpty()) {
      page.heading("Not measured");
      page.grouped(Reasons.group(found.refusals()));
      page.line("");
    }
    found.notes().forEach(note -> page.wrapped("", "Note: " + Printable.of(note)));
    return page.text().stripTrailing() + "\n";
  }

  private void classes(Split split) {
    page.heading("Classes, " + split.split());
    List<String[]> rows = EvaluationTables.classes(split);
    table(rows.subList(0, Math.min(rows.size(), TextPage.MOST_ROWS + 1)));
    if (EvaluationTables.hasConfusion(split)) {
      page.heading("Confusion, " + split.split());
      table(EvaluationTables.confusion(split));
    } else {
      page.line("--json has the confusion matrix of all classes.");
    }
  }

  private void table(List<String[]> rows) {
    TextTable table = new TextTable(page.width(), rows.get(0));
    rows.subList(1, rows.size()).forEach(table::row);
    page.table(table);
    page.line("");
  }

  /** The form for merge requests: as the other, with all splits' classes. */
  static String markdown(Evaluation found) {
    StringBuilder out = new StringBuilder("# Evaluation\n\n");
    out.append("- Model: ").append(code(found.model())).append('\n');
    out.append(found.loss() == null ? "" : "- Loss: " + found.loss() + "\n");
    found
        .splits()
        .forEach(split -> out.append("- %s: %s%n".formatted(split.split(), code(split.data()))));
    rows(out, EvaluationTables.splits(found));
    for (Split split : found.splits()) {
      if (!split.classes().isEmpty()) {
        out.append("\n## Classes, ").append(split.split()).append('\n');
        rows(out, EvaluationTables.classes(split));
        if (EvaluationTables.hasConfusion(split)) {
          rows(out, EvaluationTables.confusion(split));
        }
      }
    }
    out.append(found.refusals().isEmpty() && found.notes().isEmpty() ? "" : "\n");
    found
        .refusals()
        .forEach(row -> out.append("- %s: %s%n".formatted(code(row.where()), code(row.reason()))));
    found.notes().forEach(note -> out.append("> ").append(code(note)).append('\n'));
    return out.toString().replace(System.lineSeparator(), "\n");
  }

  private static void rows(StringBuilder out, List<String[]> rows) {
    out.append('\n');
    out.append("| ").append(String.join(" | ", rows.get(0))).append(" |\n|---|");
    out.append("---:|".repeat(rows.get(0).length - 1)).append('\n');
    rows.subList(1, rows.size())
        .forEach(row -> out.append("| ").append(String.join(" | ", row)).append(" |\n"));
  }

  private static String code(String name) {
    return "`" + Printable.of(name).replace('`', '\'').replace("|", "\\|") + "`";
  }
}
