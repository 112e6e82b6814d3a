package io.espalier.storage;

import io.espalier.storage.StoragePlan.Zeros;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Keeps opening a model from taking much more time and memory than it does with weights that are
 * stored as they are. Measured with onnxruntime 1.30 on models of 3 to 150 MiB: with weights as
 * they are a process holds 1.2 bytes for each of their bytes, and 45 MiB besides; its constant
 * folding keeps all intermediate results to the end. To stay below 1.3 times as much, those may
 * have 13 MiB and 0.22 of the weights' bytes. They take 0.6 ns for each byte, as much as weights as
 * they are, so that the time is kept whenever the memory is. At its usual level of optimization
 * onnxruntime lays out kernels of convolutions in blocks afterwards, for which a process holds 2.8
 * bytes for each of theirs, however they are stored; intermediate results are gone by then.
 */
final class OpeningBudget {
  private static final double MEMORY_SHARE = 0.22;
  private static final double KERNEL_SHARE = 1;
  private static final double FREE_MEMORY = 13 << 20;

  private final List<StoragePlan> plans;
  private final double most;
  private final Map<Zeros, Integer> zeros = new HashMap<>();
  private double held;

  OpeningBudget(List<StoragePlan> plans, double maxOpenRatio) {
    this.plans = plans;
    double share = plans.stream().mapToDouble(OpeningBudget::share).sum();
    this.most = (maxOpenRatio - 1) * share + FREE_MEMORY;
    plans.forEach(this::add);
    plans.forEach(plan -> plan.zeros().map(zeros::get).ifPresent(plan::shareZeros));
  }

  private static double share(StoragePlan plan) {
    return plan.denseBytes() * (plan.isKernel() ? KERNEL_SHARE : MEMORY_SHARE);
  }

  private void add(StoragePlan plan) {
    held += plan.scratchBytes();
    plan.zeros()
        .filter(needed -> zeros.merge(needed, 1, Integer::sum) == 1)
        .ifPresent(first -> held += first.byteSize());
  }

  private void remove(StoragePlan plan) {
    held -= plan.scratchBytes();
    plan.zeros()
        .filter(needed -> zeros.merge(needed, -1, Integer::sum) == 0)
        .ifPresent(last -> held -= last.byteSize());
  }

  /** Gives weights encodings that are easier to decode, where that costs least, until all fits. */
  void enforce() {
    PriorityQueue<StoragePlan> cheapest =
        new PriorityQueue<>(Comparator.comparingDouble(StoragePlan::priceOfLightening));
    plans.stream().filter(StoragePlan::isEncoded).forEach(cheapest::add);
    while (held > most && !cheapest.isEmpty()) {
      StoragePlan plan = cheapest.remove();
      remove(plan);
      plan.lighten();
      add(plan);
      if (plan.isEncoded()) {
        cheapest.add(plan);
      }
    }
    plans.stream()
        .filter(plan -> plan.chosen() > 0)
        .sorted(Comparator.comparingLong(StoragePlan::gain).reversed())
        .forEach(this::restore);
  }

  /** Where what others gave up leaves room, goes back to the smallest encoding that fits. */
  private void restore(StoragePlan plan) {
    int fits = plan.chosen();
    remove(plan);
    for (int number = 0; number <= fits; number++) {
      plan.choose(number);
      add(plan);
      if (held <= most || number == fits) {
        return;
      }
      remove(plan);
    }
  }
}
