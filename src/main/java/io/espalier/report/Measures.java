package io.espalier.report;

import java.util.ArrayList;
import java.util.List;

/** What was measured of a model that came in and of one that went out, a row each. */
final class Measures {
  /** One measure; an empty cell was not measured. */
  record Row(String measure, String before, String after, String change) {}

  private final List<Row> rows = new ArrayList<>();

  List<Row> rows() {
    return rows;
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  TextTable table(int width) {
    TextTable table = new TextTable(width, "", "Before", "After", "Change");
    rows.forEach(row -> table.row(row.measure(), row.before(), row.after(), row.change()));
    return table;
  }

  void row(String measure, String before, String after, String change) {
    rows.add(new Row(measure, before, after, change));
  }

  /** Bytes, unless one of both is unknown. */
  void size(String measure, Long before, Long after) {
    if (before != null && after != null) {
      String ratio = Figures.ratio((double) before / after);
      row(measure, Figures.bytes(before), Figures.bytes(after), ratio);
    }
  }

  /** What a run takes, unless that was not measured. */
  void latency(Report.Latency latency) {
    if (latency != null) {
      time("Latency, median", latency.before().p50Ms(), latency.after().p50Ms());
      time("Latency, 95th of 100", latency.before().p95Ms(), latency.after().p95Ms());
    }
  }

  /** What opening a session takes, unless that was not measured. */
  void opening(Report.Storage storage) {
    if (storage == null || storage.opening() == null) {
      return;
    }
    Report.Opening opening = storage.opening();
    time("Opening", opening.beforeMs(), opening.afterMs());
    size("Memory to open", opening.beforePeakBytes(), opening.afterPeakBytes());
  }

  private void time(String measure, double before, double after) {
    row(measure, Figures.millis(before), Figures.millis(after), Figures.ratio(before / after));
  }
}
