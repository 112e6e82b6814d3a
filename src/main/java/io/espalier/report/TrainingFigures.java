package io.espalier.report;

import io.espalier.report.Report.EpochRow;
import io.espalier.report.Report.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The course of training as a table; columns without a figure are left out. */
final class TrainingFigures {
  private static final int MOST_ROWS = 12;

  private final Training training;
  private final List<Column> columns = new ArrayList<>();

  private record Column(String heading, Function<EpochRow, String> cell) {}

  TrainingFigures(Training training) {
    this.training = training;
    columns.add(new Column("Epoch", row -> Integer.toString(row.epoch())));
    columns.add(new Column("Loss", row -> loss(row.loss())));
    add("Acc.", EpochRow::accuracy, Figures::percent);
    add("Val. loss", EpochRow::valLoss, TrainingFigures::loss);
    add("Val. acc.", EpochRow::valAccuracy, Figures::percent);
    add("Zeros", EpochRow::sparsity, Figures::percent);
    columns.add(new Column("Rate", row -> Figures.any(row.learningRate())));
  }

  private void add(
      String heading, Function<EpochRow, Double> figure, Function<Double, String> text) {
    if (training.history().stream().anyMatch(row -> figure.apply(row) != null)) {
      columns.add(
          new Column(
              heading, row -> figure.apply(row) == null ? "" : text.apply(figure.apply(row))));
    }
  }

  private static String loss(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** One sentence on the run. */
  String heading() {
    StringBuilder text = new StringBuilder("Trained ");
    text.append(Figures.counted(training.history().size(), "epoch"));
    text.append(" (").append(Figures.counted(training.steps(), "step"));
    text.append(String.format(Locale.ROOT, ", %.1f per second)", training.stepsPerSecond()));
    if (training.stoppedEpoch() != null) {
      text.append(", stopped after epoch ").append(training.stoppedEpoch());
    }
    if (training.bestEpoch() != null) {
      text.append(", kept epoch ").append(training.bestEpoch());
    }
    return text.toString();
  }

  String[] columns() {
    return columns.stream().map(Column::heading).toArray(String[]::new);
  }

  /** The last epochs, at most twelve. */
  List<String[]> rows() {
    List<EpochRow> history = training.history();
    return history.subList(Math.max(0, history.size() - MOST_ROWS), history.size()).stream()
        .map(row -> columns.stream().map(column -> column.cell().apply(row)).toArray(String[]::new))
        .toList();
  }
}
