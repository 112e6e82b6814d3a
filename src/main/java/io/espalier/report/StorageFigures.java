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

  static void show(Report.Storage storage, TextPage page) {
    List<StoredRow> rows = storage.weights();
    TextTable table = new TextTable(page.width(), COLUMNS);
    TextPage.largest(rows, StoredRow::denseBytes).forEach(row -> table.row(cells(row)));
    page.table(table);
    page.foldedRows(rows);
    sentences(storage).forEach(sentence -> page.wrapped("", sentence));
  }

  static List<String> sentences(Report.Storage storage) {
    String total = total(storage.weights());
    return storage.ratios() == null ? List.of(total) : List.of(total, ratios(storage.ratios()));
  }

  /** What all of them take together, and what that means for who opens the file. */
  private static String total(List<StoredRow> rows) {
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

  /** The ratios that the literature states, and what each counts. */
  private static String ratios(Report.Ratios ratios) {
    Double xz = ratios.archives() == null ? null : ratios.archives().xz();
    return "Compression: A %s, parameters over those that are not zero; B %s, all parameters as"
            .formatted(Figures.ratio(ratios.nonzero()), Figures.ratio(ratios.file()))
        + " float32 over the bytes of the file"
        + (xz == null ? "." : ", %s in xz.".formatted(Figures.ratio(xz)));
  }
}
