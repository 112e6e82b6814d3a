package io.espalier.report;

import java.nio.file.Path;
import java.util.Optional;

/** A form in which a report is written to a file; the file's ending names it. */
public enum ReportForm {
  JSON(".json") {
    @Override
    public String render(Report report) {
      return Json.of(report);
    }

    @Override
    public String render(Evaluation found) {
      return Json.of(found);
    }
  },
  MARKDOWN(".md") {
    @Override
    public String render(Report report) {
      return MarkdownReport.render(report);
    }

    @Override
    public String render(Evaluation found) {
      return EvaluationText.markdown(found);
    }
  };

  private final String ending;

  ReportForm(String ending) {
    this.ending = ending;
  }

  /** How names of such files end. */
  public String ending() {
    return ending;
  }

  /** The whole file, to be written as UTF-8. */
  public abstract String render(Report report);

  /** The whole file on an evaluation, to be written as UTF-8. */
  public abstract String render(Evaluation found);

  /** The form that the file's name asks for, or none. */
  public static Optional<ReportForm> of(Path file) {
    String name = file.toString();
    for (ReportForm form : values()) {
      if (name.endsWith(form.ending)) {
        return Optional.of(form);
      }
    }
    return Optional.empty();
  }
}
