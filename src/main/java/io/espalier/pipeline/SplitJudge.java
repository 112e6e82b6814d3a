package io.espalier.pipeline;

import io.espalier.data.Dataset;
import io.espalier.data.Targets;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.report.Report;
import io.espalier.runtime.Accuracy;
import io.espalier.runtime.Datum;
import io.espalier.train.Judge;
import io.espalier.train.ModelLoss;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Judges two models on the samples of one split: by classes where each sample has one, else by what
 * the targets are to the model.
 */
final class SplitJudge {
  private final String split;
  private final Dataset data;
  private final Accuracy right = new Accuracy();
  private final Accuracy stillRight = new Accuracy();
  private final Judge before;
  private final Judge after;
  private final boolean alone;

  /**
   * A judge for labelled data.
   *
   * @param model whose outputs the targets are for
   * @param alone whether only the second model is judged
   * @throws ModelException if the targets fit none of them
   */
  SplitJudge(String split, Dataset data, Model model, boolean alone) {
    this.split = split;
    this.alone = alone;
    this.data = data;
    Targets targets = data.targets().orElseThrow();
    boolean classes = targets.classes().isPresent();
    ModelLoss loss = classes ? null : new ModelLoss(model, targets, Optional.empty());
    this.before = classes ? null : loss.judge(targets);
    this.after = classes ? null : loss.judge(targets);
  }

  /** Takes in what both models give for a batch; null for one that is not judged. */
  void add(Map<String, Datum> old, Map<String, Datum> now, Dataset.Batch batch) {
    if (before == null) {
      if (!alone) {
        right.add(old, batch.labels());
      }
      stillRight.add(now, batch.labels());
    } else {
      if (!alone) {
        before.add(old, batch.rows());
      }
      after.add(now, batch.rows());
    }
  }

  /** The shares of what is right; absent where the targets are no classes. */
  Optional<Report.Accuracy> accuracy() {
    if (before == null) {
      return Optional.of(
          new Report.Accuracy(
              split,
              data.name(),
              stillRight.samples(),
              alone ? null : right.share(),
              stillRight.share()));
    }
    OptionalDouble share = after.accuracy();
    return share.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Report.Accuracy(
                split,
                data.name(),
                after.samples(),
                alone ? null : before.accuracy().getAsDouble(),
                share.getAsDouble()));
  }

  /** The errors where the targets are numbers to reach. */
  Optional<Report.Errors> errors() {
    if (after == null || after.squaredError().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Report.Errors(
            split, data.name(), after.samples(), alone ? null : of(before), of(after)));
  }

  private static Report.MeanErrors of(Judge judge) {
    return new Report.MeanErrors(
        judge.squaredError().getAsDouble(), judge.absoluteError().getAsDouble());
  }
}
