package io.espalier.pass;

import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Value;

/**
 * Subgraphs name their outputs; a value of a graph around them that is one is found by its name.
 */
final class SubgraphOutputs {
  private SubgraphOutputs() {}

  /** Whether a subgraph anywhere in {@code graph} has {@code value} as an output. */
  static boolean contain(Graph graph, Value value) {
    for (Node node : graph.nodes()) {
      for (Graph subgraph : node.subgraphs()) {
        if (subgraph.outputs().contains(value) || contain(subgraph, value)) {
          return true;
        }
      }
    }
    return false;
  }
}
