package io.espalier.gradient;

import io.espalier.graph.Refusal;
import io.espalier.graph.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link Backward} built.
 *
 * @param of the gradient of each weight that has one, in the order asked for
 * @param refusals the nodes that could not be differentiated, and the weights without a gradient
 */
public record Gradients(Map<Value, Value> of, List<Refusal> refusals) {
  public Gradients {
    of = Collections.unmodifiableMap(new LinkedHashMap<>(of));
    refusals = List.copyOf(refusals);
  }
}
