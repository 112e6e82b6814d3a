package io.espalier.prune;

import io.espalier.graph.Refusal;
import io.espalier.prune.PrunableWeights.UnmatchedGlob;
import java.util.List;

/**
 * The masks of a model's weights.
 *
 * @param weights in the order of the model, also those that keep everything
 * @param refusals what was left alone, and why
 * @param unmatchedGlobs globs of the options that name nothing
 */
public record PruningResult(
    List<PrunedWeight> weights, List<Refusal> refusals, List<UnmatchedGlob> unmatchedGlobs) {

  public PruningResult {
    weights = List.copyOf(weights);
    refusals = List.copyOf(refusals);
    unmatchedGlobs = List.copyOf(unmatchedGlobs);
  }

  /** Whether {@link #apply} changes the value of an element. */
  public boolean changed() {
    return weights.stream().anyMatch(PrunedWeight::changed);
  }

  /** Puts masked tensors in the place of the weights that change; the others are not touched. */
  public void apply() {
    for (PrunedWeight pruned : weights) {
      if (pruned.changed()) {
        Weight weight = pruned.weight();
        weight.replace(new MaskedTensor(weight.tensor(), pruned.mask()));
      }
    }
  }
}
