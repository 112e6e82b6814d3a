package io.espalier.train;

import java.util.Arrays;

/**
 * The loss of a batch and its gradients, which parameters can read afterwards. Where the model
 * takes fewer samples at a time, they are the means over several runs, and running statistics
 * follow each of the runs.
 */
final class BatchGradient {
  private final LossGraph graph;
  private final Trainee trainee;
  private final int batch;
  private final int part;

  /**
   * Gradients of batches of up to {@code batch} samples.
   *
   * @param part samples in a run; every batch has to be a multiple of it unless it is {@code batch}
   */
  BatchGradient(LossGraph graph, Trainee trainee, int batch, int part) {
    this.graph = graph;
    this.trainee = trainee;
    this.batch = batch;
    this.part = part;
  }

  /** Runs in a whole batch. */
  int runs() {
    return batch / part;
  }

  LossGraph graph() {
    return graph;
  }

  /**
   * Computes them.
   *
   * @param step from 1, for what is drawn at random, in every run anew
   */
  LossGraph.Outcome run(int[] rows, long step) {
    double loss = 0;
    double right = 0;
    for (int from = 0, run = 1; from < rows.length; from += part, run++) {
      int[] some = Arrays.copyOfRange(rows, from, Math.min(from + part, rows.length));
      LossGraph.Outcome outcome = graph.run(some, (step - 1) * runs() + run);
      double share = (double) some.length / rows.length;
      if (runs() > 1) {
        trainee.addGradients((float) share, from == 0);
      }
      trainee.statistics().forEach(RunningStatistic::advance);
      loss += share * outcome.loss();
      right += outcome.right();
    }
    return new LossGraph.Outcome(loss, right);
  }
}
