package io.espalier.report;

import java.util.List;

/**
 * What one model is worth on labelled samples. A figure that is null has no meaning for the loss,
 * or was not measured, and a refusal says why.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that judged
 * @param loss the kind: {@code cross-entropy}, {@code binary} or {@code mse}; null if unknown
 */
public record Evaluation(
    int schemaVersion,
    String espalier,
    String model,
    String loss,
    List<Split> splits,
    List<Report.RefusalRow> refusals,
    List<String> notes,
    double seconds) {

  public static final int SCHEMA_VERSION = 1;

  public Evaluation {
    splits = List.copyOf(splits);
    refusals = List.copyOf(refusals);
    notes = List.copyOf(notes);
  }

  /**
   * The figures on one part of the data.
   *
   * @param split {@code data}, {@code validation} or {@code test}: the option that named it
   * @param loss the mean over the samples, without penalties
   * @param accuracy the share of positions that are right; null for mse
   * @param squaredError the mean over all elements; only for mse
   * @param absoluteError as {@code squaredError}
   * @param classes by class number; empty unless each position has one class of several
   * @param confusion a row for each class, a column for each class it was taken for
   */
  public record Split(
      String split,
      String data,
      long samples,
      Double loss,
      Double accuracy,
      Double squaredError,
      Double absoluteError,
      List<ClassRow> classes,
      List<List<Long>> confusion) {
    public Split {
      classes = List.copyOf(classes);
      confusion = List.copyOf(confusion);
    }
  }

  /**
   * The figures of one class; NaN where there is nothing to divide by.
   *
   * @param support positions of that class
   */
  public record ClassRow(String name, long support, double precision, double recall, double f1) {}
}
