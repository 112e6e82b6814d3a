package io.espalier.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that a model's graphs can be computed: no node waits for its own result. */
public final class GraphCheck {
  private GraphCheck() {}

  /**
   * Checks every graph of the model.
   *
   * @throws MalformedModelException if a graph has a cycle; the message names a node on it
   */
  public static void check(Model model) {
    model.forEachGraph(GraphCheck::checkAcyclic);
  }

  private static void checkAcyclic(Graph graph) {
    Map<Node, Integer> waitingFor = new HashMap<>();
    Map<Node, List<Node>> followers = new HashMap<>();
    Deque<Node> ready = new ArrayDeque<>();
    for (Node node : graph.nodes()) {
      Set<Node> before = new HashSet<>();
      collectProducers(node, graph, before);
      before.forEach(b -> followers.computeIfAbsent(b, key -> new ArrayList<>()).add(node));
      waitingFor.put(node, before.size());
      if (before.isEmpty()) {
        ready.add(node);
      }
    }
    int done = 0;
    for (Node node = ready.poll(); node != null; node = ready.poll()) {
      done++;
      for (Node follower : followers.getOrDefault(node, List.of())) {
        if (waitingFor.merge(follower, -1, Integer::sum) == 0) {
          ready.add(follower);
        }
      }
    }
    if (done < graph.nodes().size()) {
      Node stuck =
          graph.nodes().stream().filter(node -> waitingFor.get(node) > 0).findFirst().orElseThrow();
      throw new MalformedModelException(
          "graph '%s': %s depends on its own output".formatted(graph.name(), stuck.label()));
    }
  }

  /** The nodes of {@code graph} whose values {@code node}, or a subgraph of it, takes. */
  private static void collectProducers(Node node, Graph graph, Set<Node> into) {
    for (Value input : node.inputs()) {
      if (input != null && input.graph() == graph) {
        input.producer().ifPresent(into::add);
      }
    }
    for (Graph subgraph : node.subgraphs()) {
      subgraph.nodes().forEach(inner -> collectProducers(inner, graph, into));
      for (Value output : subgraph.outputs()) {
        if (output.graph() == graph) {
          output.producer().ifPresent(into::add);
        }
      }
    }
  }
}
