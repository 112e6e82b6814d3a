package io.espalier.pass;

import io.espalier.graph.Refusal;
import java.util.List;

/**
 * What a pass did.
 *
 * @param changes how many nodes were changed, added or removed
 * @param refusals what it left as it was, and why
 */
public record PassResult(int changes, List<Refusal> refusals) {
  public PassResult {
    refusals = List.copyOf(refusals);
  }
}
