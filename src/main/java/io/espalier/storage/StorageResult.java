package io.espalier.storage;

import io.espalier.graph.Refusal;
import java.util.List;

/**
 * What was done to the weights of a model.
 *
 * @param weights those that could have been encoded, in the order of the model
 * @param merged tensors that equal others, which nodes take instead
 * @param changed whether a weight is stored in another way than the model had it
 */
public record StorageResult(
    List<StoredWeight> weights, List<Refusal> refusals, int merged, boolean changed) {
  public StorageResult {
    weights = List.copyOf(weights);
    refusals = List.copyOf(refusals);
  }
}
