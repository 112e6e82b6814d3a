package io.espalier.prune;

import io.espalier.graph.Model;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Selects which elements of a model's weights become zero. Of n units (elements or blocks) {@code
 * max(round-half-even(n (1 - s)), 1)} are kept, exactly; of equal scores the first in the order of
 * weights and elements. The result does not depend on the number of threads.
 */
public final class Pruner {
  /** Passes over the elements that a selection usually takes. */
  private static final int PASSES = 2;

  private final PruningOptions options;
  private final long seed;
  private final int threads;

  /** Hears how far a selection is, from the thread that asked for it. */
  @FunctionalInterface
  public interface Progress {
    /** {@code done} of {@code total}; an exception ends the selection and is thrown by it. */
    void at(long done, long total);
  }

  /** Weights that compete with each other for one sparsity. */
  private record Group(List<Weight> weights, double sparsity) {}

  /**
   * A pruner.
   *
   * @param seed of the criterion random; of no meaning to the others
   * @param threads how many work at a time, 1 or more
   */
  public Pruner(PruningOptions options, long seed, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, got " + threads);
    }
    this.options = options;
    this.seed = seed;
    this.threads = threads;
  }

  /**
   * Finds the model's weights, selects, and replaces the constants in the graph. The model is not
   * changed if that fails or if a glob matches nothing.
   *
   * @throws io.espalier.graph.ModelException if an element of a weight is not finite
   */
  public PruningResult prune(Model model, Progress progress) {
    PruningResult result = select(PrunableWeights.find(model, options), progress);
    if (result.unmatchedGlobs().isEmpty()) {
      result.apply();
    }
    return result;
  }

  /**
   * Selects without changing the model.
   *
   * @throws io.espalier.graph.ModelException if an element of a weight is not finite
   */
  public PruningResult select(PrunableWeights found, Progress progress) {
    Map<Weight, PrunedWeight> pruned = new ConcurrentHashMap<>();
    long total = PASSES * found.weights().stream().mapToLong(Weight::elements).sum();
    try (Workers workers = new Workers(threads)) {
      workers.run(
          () -> Workers.each(groups(found), group -> select(group, workers, pruned)),
          done -> progress.at(Math.min(done, total), total));
    }
    return new PruningResult(
        found.weights().stream().map(pruned::get).toList(),
        found.refusals(),
        found.unmatchedGlobs());
  }

  /** The number of {@code units} that are kept at {@code sparsity}, which is taken as decimal. */
  static long kept(long units, double sparsity) {
    return BigDecimal.ONE
        .subtract(BigDecimal.valueOf(sparsity))
        .multiply(BigDecimal.valueOf(units))
        .setScale(0, RoundingMode.HALF_EVEN)
        .max(BigDecimal.ONE)
        .longValueExact();
  }

  private List<Group> groups(PrunableWeights found) {
    List<Group> groups = new ArrayList<>();
    List<Weight> together = new ArrayList<>();
    for (Weight weight : found.weights()) {
      OptionalDouble own = found.ownSparsity(weight);
      if (own.isEmpty() && options.scope() == Scope.GLOBAL) {
        together.add(weight);
      } else {
        groups.add(new Group(List.of(weight), own.orElse(options.sparsity())));
      }
    }
    if (!together.isEmpty()) {
      groups.add(new Group(together, options.sparsity()));
    }
    return groups;
  }

  private void select(Group group, Workers workers, Map<Weight, PrunedWeight> into) {
    if (options.granularity() instanceof Granularity.NofM nofM) {
      for (Weight weight : group.weights()) {
        Mask mask = NofMSelection.select(elements(weight), nofM, workers);
        into.put(weight, Tally.count(weight, mask, nofM.sparsity(), workers));
      }
    } else if (group.sparsity() > 0) {
      selectGreatest(group, workers, into);
    } else {
      for (Weight weight : group.weights()) {
        Mask all = Mask.keepingAll(weight.elements());
        into.put(weight, Tally.count(weight, all, 0, workers));
      }
    }
  }

  private void selectGreatest(Group group, Workers workers, Map<Weight, PrunedWeight> into) {
    List<Scores> scores = group.weights().stream().map(this::scores).toList();
    long keep = kept(TopSelection.total(scores), group.sparsity());
    List<TopSelection.Selected> selected = TopSelection.keep(keep, scores, workers);
    for (int i = 0; i < scores.size(); i++) {
      Weight weight = group.weights().get(i);
      Mask mask = scores.get(i).mask(selected.get(i).units());
      long nonzero = selected.get(i).positive();
      into.put(
          weight,
          scores.get(i).magnitudes()
              ? Tally.ofGreatest(weight, mask, group.sparsity(), nonzero)
              : Tally.count(weight, mask, group.sparsity(), workers));
    }
  }

  private Scores scores(Weight weight) {
    if (options.granularity() instanceof Granularity.Block block) {
      return new BlockScores(elements(weight), block);
    }
    if (options.granularity() instanceof Granularity.Element) {
      return elements(weight);
    }
    throw new IllegalStateException("no scores for granularity " + options.granularity());
  }

  private ElementScores elements(Weight weight) {
    return new ElementScores(weight, options.criterion(), seed);
  }
}
