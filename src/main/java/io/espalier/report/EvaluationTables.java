package io.espalier.report;

import io.espalier.report.Evaluation.ClassRow;
import io.espalier.report.Evaluation.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The tables of an evaluation, cell by cell, for all forms of text. */
final class EvaluationTables {
  /** A confusion matrix of more classes is for programs. */
  static final int MOST_CLASSES = 20;

  private EvaluationTables() {}

  /** The figures of the splits under each other; columns without a figure are left out. */
  static List<String[]> splits(Evaluation found) {
    List<String> heading = new ArrayList<>(List.of("Split", "Samples"));
    List<Function<Split, String>> cells = new ArrayList<>();
    cells.add(Split::split);
    cells.add(split -> Figures.count(split.samples()));
    add(found, heading, cells, "Loss", Split::loss, EvaluationTables::number);
    add(found, heading, cells, "Accuracy", Split::accuracy, EvaluationTables::share);
    add(found, heading, cells, "Squared error", Split::squaredError, EvaluationTables::number);
    add(found, heading, cells, "Absolute error", Split::absoluteError, EvaluationTables::number);
    List<String[]> rows = new ArrayList<>();
    rows.add(heading.toArray(String[]::new));
    for (Split split : found.splits()) {
      rows.add(cells.stream().map(cell -> cell.apply(split)).toArray(String[]::new));
    }
    return rows;
  }

  private static void add(
      Evaluation found,
      List<String> heading,
      List<Function<Split, String>> cells,
      String name,
      Function<Split, Double> figure,
      Function<Double, String> text) {
    if (found.splits().stream().anyMatch(split -> figure.apply(split) != null)) {
      heading.add(name);
      cells.add(split -> figure.apply(split) == null ? "" : text.apply(figure.apply(split)));
    }
  }

  /** The figures of the classes of a split under each other. */
  static List<String[]> classes(Split split) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"Class", "Support", "Precision", "Recall", "F1"});
    for (ClassRow row : split.classes()) {
      rows.add(
          new String[] {
            row.name(),
            Figures.count(row.support()),
            share(row.precision()),
            share(row.recall()),
            share(row.f1())
          });
    }
    return rows;
  }

  /** Whether the matrix is one to look at. */
  static boolean hasConfusion(Split split) {
    return !split.confusion().isEmpty() && split.confusion().size() <= MOST_CLASSES;
  }

  /** A row for each class, a column for each it was taken for. */
  static List<String[]> confusion(Split split) {
    List<String[]> rows = new ArrayList<>();
    List<String> heading = new ArrayList<>(List.of("Class / taken for"));
    split.classes().forEach(one -> heading.add(one.name()));
    rows.add(heading.toArray(String[]::new));
    IntStream.range(0, split.confusion().size())
        .forEach(
            actual -> {
              List<String> cells = new ArrayList<>(List.of(split.classes().get(actual).name()));
              split.confusion().get(actual).forEach(count -> cells.add(Figures.count(count)));
              rows.add(cells.toArray(String[]::new));
            });
    return rows;
  }

  private static String number(double value) {
    return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4
        ? String.format(Locale.ROOT, "%.4f", value)
        : Figures.any(value);
  }

  private static String share(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f%%", 100 * value);
  }
}
