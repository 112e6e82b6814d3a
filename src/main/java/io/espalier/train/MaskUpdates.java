package io.espalier.train;

import io.espalier.graph.Floats;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.Granularity;
import io.espalier.prune.Mask;
import io.espalier.prune.MaskedTensor;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PrunedWeight;
import io.espalier.prune.Pruner;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.PruningResult;
import io.espalier.prune.Weight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses masks in the course of a run, by the plan: what the weights are at that moment is put
 * into the imported model, where {@link Pruner} looks at it.
 */
final class MaskUpdates {
  private final Model model;
  private final PruningOptions options;
  private final PruningPlan plan;
  private final long seed;
  private final int threads;
  private final PrunableWeights found;
  private final Map<Value, TrainedWeight> trained = new HashMap<>();
  private final Map<Value, Long> nonzeroBefore = new HashMap<>();
  private PruningResult latest;

  /** Updates of the masks of {@code model}; weights that do not train are masked at the end. */
  MaskUpdates(
      Model model,
      PruningOptions options,
      PruningPlan plan,
      List<TrainedWeight> weights,
      TrainingMachine machine) {
    this.model = model;
    this.options = options;
    this.plan = plan;
    this.seed = machine.seed();
    this.threads = machine.threads();
    this.found = PrunableWeights.find(model, options);
    weights.forEach(weight -> trained.put(weight.original(), weight));
    latest = select(0);
    latest.weights().forEach(one -> nonzeroBefore.put(one.weight().value(), one.nonzeroBefore()));
  }

  PruningPlan plan() {
    return plan;
  }

  /** What was found, with the masks of the latest update. */
  PruningResult result() {
    return latest;
  }

  private PruningResult select(double sparsity) {
    boolean fixed = options.granularity() instanceof Granularity.NofM;
    PruningOptions now = fixed ? options : at(sparsity);
    PrunableWeights weights = fixed ? found : PrunableWeights.find(model, now);
    return new Pruner(now, seed, threads).select(weights, (done, total) -> {});
  }

  /** What to print before the first step. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(plan.lines());
    options
        .layers()
        .forEach(
            (glob, own) ->
                lines.add(
                    String.format(Locale.ROOT, "  what %s names: to %.2f %%", glob, 100 * own)));
    return lines;
  }

  /** The options at a sparsity on the way; sparsities of single layers go their share of it. */
  private PruningOptions at(double sparsity) {
    double initial = plan.targetAt(0);
    double way = options.sparsity() - initial;
    double share = way == 0 ? 1 : Math.max(0, (sparsity - initial) / way);
    Map<String, Double> layers = new LinkedHashMap<>();
    options.layers().forEach((glob, own) -> layers.put(glob, at(sparsity, share, initial, own)));
    return new PruningOptions(
        sparsity,
        options.scope(),
        options.granularity(),
        options.criterion(),
        options.include(),
        options.exclude(),
        layers,
        options.minSize(),
        options.depthwise(),
        options.embeddings());
  }

  private double at(double sparsity, double share, double initial, double own) {
    if (sparsity == options.sparsity() || sparsity == 0) {
      return sparsity == options.sparsity() ? own : 0;
    }
    double start = Math.min(initial, own);
    return start + (own - start) * share;
  }

  /** Updates the masks if the plan does before step {@code step}; returns whether it does. */
  boolean before(long step) {
    if (!plan.updatesAt(step)) {
      return false;
    }
    for (Weight weight : found.weights()) {
      TrainedWeight now = trained.get(weight.value());
      if (now != null) {
        now.putBack();
      }
    }
    latest = select(plan.targetAt(step));
    hold();
    return true;
  }

  private void hold() {
    for (PrunedWeight pruned : latest.weights()) {
      TrainedWeight weight = trained.get(pruned.weight().value());
      if (weight != null) {
        weight.parameter().prune(pruned.mask());
      }
    }
  }

  /** The masks of the latest update, in the order of the weights. */
  List<Mask> masks() {
    return latest.weights().stream().map(PrunedWeight::mask).toList();
  }

  /**
   * Goes on after step {@code step} with what {@link #masks} was then.
   *
   * @throws ModelException if it is not of these weights
   */
  void resume(long step, List<Mask> masks) {
    Optional<PruningPlan.Row> made =
        plan.rows().stream().filter(row -> row.step() <= step).reduce((before, last) -> last);
    if (made.isEmpty()) {
      return;
    }
    PruningResult now = select(made.get().sparsity());
    List<PrunedWeight> held = new ArrayList<>();
    for (int i = 0; i < now.weights().size(); i++) {
      held.add(held(now.weights().get(i), i < masks.size() ? masks.get(i) : null));
    }
    latest = new PruningResult(held, now.refusals(), now.unmatchedGlobs());
    hold();
  }

  private static PrunedWeight held(PrunedWeight chosen, Mask mask) {
    if (mask == null || mask.size() != chosen.elements()) {
      throw new ModelException("%s: the checkpoint has no mask of it".formatted(chosen.name()));
    }
    Tensor tensor = chosen.weight().tensor();
    return new PrunedWeight(
        chosen.weight(),
        mask,
        chosen.requested(),
        chosen.nonzeroBefore(),
        Floats.countNonzero(new MaskedTensor(tensor, mask)));
  }

  /** The share of zeros in the prunable weights as they are now. */
  double sparsity() {
    long elements = 0;
    long zeros = 0;
    for (PrunedWeight pruned : latest.weights()) {
      TrainedWeight weight = trained.get(pruned.weight().value());
      elements += pruned.elements();
      zeros += pruned.elements() - (weight == null ? pruned.nonzero() : nonzero(weight));
    }
    return elements == 0 ? 0 : (double) zeros / elements;
  }

  private static long nonzero(TrainedWeight weight) {
    long nonzero = 0;
    for (float value : weight.parameter().weights()) {
      nonzero += value != 0 ? 1 : 0;
    }
    return nonzero;
  }

  /** Masks what did not train, and says what came of all; the trained weights were put back. */
  PruningResult finish() {
    List<PrunedWeight> finished = new ArrayList<>();
    for (PrunedWeight pruned : latest.weights()) {
      Weight weight = pruned.weight();
      TrainedWeight one = trained.get(weight.value());
      if (one == null && pruned.changed()) {
        weight.replace(new MaskedTensor(weight.tensor(), pruned.mask()));
      }
      long nonzero = one == null ? pruned.nonzero() : Floats.countNonzero(weight.tensor());
      long before = nonzeroBefore.get(weight.value());
      finished.add(new PrunedWeight(weight, pruned.mask(), pruned.requested(), before, nonzero));
    }
    return new PruningResult(finished, latest.refusals(), latest.unmatchedGlobs());
  }
}
