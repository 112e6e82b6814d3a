package io.espalier.pass;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;

/** How to say in standard operators what an operator of an exporter's own computes. */
@FunctionalInterface
interface StandardForm {
  /**
   * Emits the same computation.
   *
   * @param u the node and what is known of its inputs
   * @param ops emits in front of it
   * @return a value for each output of the operator, {@code null} for one that has no counterpart;
   *     outputs beyond the list have none either
   * @throws RefusedException if this call cannot be said so
   */
  List<Value> emit(Upgrade u, Ops ops);
}
