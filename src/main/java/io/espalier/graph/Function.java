package io.espalier.graph;

import java.util.Map;

/**
 * A model function: an operator that the model itself defines.
 *
 * @param body its inputs and outputs are the function's, in order
 * @param defaults what parameters are where a call does not say, by name
 */
public record Function(OperatorId id, Graph body, Map<String, Attribute> defaults) {
  public Function {
    defaults = Map.copyOf(defaults);
  }

  /** A function none of whose parameters has a default. */
  public Function(OperatorId id, Graph body) {
    this(id, body, Map.of());
  }
}
