package io.espalier.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Nodes in an order in which they can be computed; files and edits need not keep one. */
public final class TopologicalOrder {
  private TopologicalOrder() {}

  /** The nodes of the value's graph that it is computed by, inputs first. */
  public static List<Node> upTo(Value value) {
    Set<Node> done = new LinkedHashSet<>();
    value.producer().ifPresent(node -> collect(node, value.graph(), done));
    return new ArrayList<>(done);
  }

  /** All nodes of a graph, inputs first; where the graph leaves a choice, in its order. */
  public static List<Node> of(Graph graph) {
    Set<Node> done = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      collect(node, graph, done);
    }
    return new ArrayList<>(done);
  }

  private static void collect(Node last, Graph graph, Set<Node> done) {
    Deque<Node> pending = new ArrayDeque<>();
    pending.push(last);
    while (!pending.isEmpty()) {
      Node node = pending.peek();
      List<Node> before = producers(node, graph).filter(other -> !done.contains(other)).toList();
      if (done.contains(node) || before.isEmpty()) {
        pending.pop();
        done.add(node);
      } else {
        before.forEach(pending::push);
      }
    }
  }

  private static Stream<Node> producers(Node node, Graph graph) {
    return Stream.concat(node.inputs().stream(), node.captured().stream())
        .filter(value -> value != null && value.graph() == graph)
        .flatMap(value -> value.producer().stream());
  }
}
