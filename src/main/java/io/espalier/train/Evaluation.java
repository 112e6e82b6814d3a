package io.espalier.train;

import java.util.Arrays;
import java.util.OptionalDouble;

/** Judges the model on validation samples, in order. */
final class Evaluation {
  private final LossGraph graph;
  private final int[] rows;
  private final int batch;

  /** What came of it. */
  record Figures(OptionalDouble loss, OptionalDouble accuracy) {
    static final Figures NONE = new Figures(OptionalDouble.empty(), OptionalDouble.empty());
  }

  Evaluation(LossGraph graph, int[] rows, int batch) {
    this.graph = graph;
    this.rows = rows;
    this.batch = batch;
  }

  /** What hears of samples that were judged. */
  @FunctionalInterface
  interface Progress {
    void at(long done, long total);
  }

  Figures run(Progress progress) {
    RunningMean loss = new RunningMean();
    double right = 0;
    for (int from = 0; from < rows.length; from += batch) {
      int[] some = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + batch));
      LossGraph.Outcome outcome = graph.run(some, 1);
      loss.add(outcome.loss(), some.length);
      right += outcome.right();
      progress.at(from + some.length, rows.length);
    }
    double share = right / ((double) rows.length * graph.positions());
    return new Figures(
        OptionalDouble.of(loss.mean()),
        graph.judges() ? OptionalDouble.of(share) : OptionalDouble.empty());
  }
}
