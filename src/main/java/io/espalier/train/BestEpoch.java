package io.espalier.train;

import java.util.List;
import java.util.Optional;

/** Weights and statistics as they were at the end of an epoch. */
final class BestEpoch {
  private final Trainee trainee;
  private Optional<Checkpoint.Best> best = Optional.empty();

  BestEpoch(Trainee trainee) {
    this.trainee = trainee;
  }

  /** Remembers what they are now. */
  void save() {
    best =
        Optional.of(
            new Checkpoint.Best(
                trainee.weights().stream().map(w -> w.parameter().weights().clone()).toList(),
                trainee.statistics().stream().map(RunningStatistic::saved).toList()));
  }

  /** What is remembered, for a checkpoint. */
  Optional<Checkpoint.Best> saved() {
    return best;
  }

  /** Remembers what a checkpoint does. */
  void resume(Optional<Checkpoint.Best> saved) {
    best = saved;
  }

  /** Brings back what was remembered, if anything was. */
  void restore() {
    if (best.isEmpty()) {
      return;
    }
    List<float[]> weights = best.get().weights();
    for (int i = 0; i < weights.size(); i++) {
      trainee.weights().get(i).parameter().restart(weights.get(i));
    }
    List<byte[]> statistics = best.get().statistics();
    for (int i = 0; i < statistics.size(); i++) {
      trainee.statistics().get(i).restore(statistics.get(i));
    }
  }
}
