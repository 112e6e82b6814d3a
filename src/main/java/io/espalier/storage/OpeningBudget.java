package io.espalier.storage;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps opening a model from taking much more time and memory than it does with weights that are
 * stored as they are. Measured with onnxruntime 1.29: its constant folding takes about a nanosecond
 * for each byte of an intermediate result and keeps all of them to the end; a model whose weights
 * are stored as they are opens in 2 ns and holds 1.2 bytes for each of their bytes.
 */
final class OpeningBudget {
  private static final double DENSE_NANOS = 2;
  private static final double FREE_NANOS = 20e6;
  private static final double MEMORY_SHARE = 0.55;
  private static final double FREE_MEMORY = 16 << 20;

  private final List<StoragePlan> plans;
  private final double most;

  OpeningBudget(List<StoragePlan> plans, double maxOpenRatio) {
    this.plans = plans;
    double dense = plans.stream().mapToDouble(StoragePlan::denseBytes).sum();
    double byTime = (maxOpenRatio - 1) * DENSE_NANOS * dense + FREE_NANOS;
    double byMemory = (maxOpenRatio - 1) * MEMORY_SHARE * dense + FREE_MEMORY;
    this.most = Math.min(byTime, byMemory);
  }

  /** Gives weights encodings that are easier to decode, where that costs least, until all fits. */
  void enforce() {
    double held = plans.stream().mapToDouble(StoragePlan::scratchBytes).sum();
    PriorityQueue<StoragePlan> cheapest =
        new PriorityQueue<>(Comparator.comparingDouble(StoragePlan::priceOfLightening));
    plans.stream().filter(plan -> plan.scratchBytes() > 0).forEach(cheapest::add);
    while (held > most && !cheapest.isEmpty()) {
      StoragePlan plan = cheapest.remove();
      held -= plan.scratchBytes();
      plan.lighten();
      held += plan.scratchBytes();
      if (plan.scratchBytes() > 0) {
        cheapest.add(plan);
      }
    }
  }
}
