package io.espalier.report;

import io.espalier.report.Report.StoredRow;
import java.util.List;

/** How weights were written, as tables and sentences. */
final class StorageFigures {
  static final String[] COLUMNS = {"Weight", "Stored as", "Dense", "Stored", "Entropy"};

  private StorageFigures() {}

  static String[] cells(StoredRow row) {
    return new String[] {
      row.name(),
      row.encoding(),
      Figures.bytes(row.denseBytes()),
      Figures.bytes(row.bytes()),
      Figures.bytes(Math.round(row.entropyBytes()))
    };
  }

  static void show(List<StoredRow> rows, TextPage page) {
    TextTable table = new TextTable(page.width(), COLUMNS);
    TextPage.largest(rows, StoredRow::denseBytes).forEach(row -> table.row(cells(row)));
    page.table(table);
    page.foldedRows(rows);
    page.wrapped("", total(rows));
  }

  /** What all of them take together, and what that means for who opens the file. */
  static String total(List<StoredRow> rows) {
    long dense = rows.stream().mapToLong(StoredRow::denseBytes).sum();
    long bytes = rows.stream().mapToLong(StoredRow::bytes).sum();
    double entropy = rows.stream().mapToDouble(StoredRow::entropyBytes).sum();
    String sentence =
        "Weights: %s dense, %s stored (%s), %s by their entropy."
            .formatted(
                Figures.bytes(dense),
                Figures.bytes(bytes),
                Figures.ratio((double) dense / Math.max(1, bytes)),
                Figures.bytes(Math.round(entropy)));
    boolean decoded = rows.stream().anyMatch(row -> !row.encoding().equals("dense"));
    return decoded
        ? sentence
            + " They are decoded when a session is opened; with graph optimization off, at every"
            + " inference."
        : sentence;
  }
}
