package io.espalier.train;

import java.util.ArrayList;
import java.util.List;

/** Weights and statistics as they were at the end of an epoch. */
final class BestEpoch {
  private final Trainee trainee;
  private final List<float[]> weights = new ArrayList<>();
  private final List<byte[]> statistics = new ArrayList<>();

  BestEpoch(Trainee trainee) {
    this.trainee = trainee;
  }

  /** Remembers what they are now. */
  void save() {
    weights.clear();
    statistics.clear();
    trainee.weights().forEach(weight -> weights.add(weight.parameter().weights().clone()));
    trainee.statistics().forEach(statistic -> statistics.add(statistic.saved()));
  }

  /** Brings back what was remembered, if anything was. */
  void restore() {
    for (int i = 0; i < weights.size(); i++) {
      trainee.weights().get(i).parameter().restart(weights.get(i));
    }
    for (int i = 0; i < statistics.size(); i++) {
      trainee.statistics().get(i).restore(statistics.get(i));
    }
  }
}
