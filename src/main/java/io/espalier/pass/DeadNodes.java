package io.espalier.pass;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes the nodes of the main graph that no output depends on, and the initializers that nobody
 * uses then. Initializers that are inputs too can be fed, and stay.
 */
public final class DeadNodes implements Pass {
  @Override
  public PassResult run(Model model) {
    Graph graph = model.graph();
    Set<Node> live = live(graph);
    List<Node> dead =
        new ArrayList<>(graph.nodes().stream().filter(node -> !live.contains(node)).toList());
    Collections.reverse(dead);
    Set<Value> loosened = new HashSet<>();
    int removed = dead.size();
    while (!dead.isEmpty()) {
      dead.removeIf(
          node -> {
            boolean free = isFree(node);
            if (free) {
              node.inputs().stream().filter(value -> value != null).forEach(loosened::add);
              loosened.addAll(node.captured());
              graph.remove(node);
            }
            return free;
          });
    }
    for (Value value : loosened) {
      if (value.initializer().isPresent() && isUnused(value) && !value.isGraphInput()) {
        graph.remove(value);
      }
    }
    return new PassResult(removed, List.of());
  }

  private static boolean isFree(Node node) {
    return node.outputs().stream().allMatch(output -> output == null || output.uses().isEmpty());
  }

  private static boolean isUnused(Value value) {
    return value.uses().isEmpty() && !value.isGraphOutput();
  }

  private static Set<Node> live(Graph graph) {
    Set<Node> live = new HashSet<>();
    Deque<Value> pending = new ArrayDeque<>(graph.outputs());
    while (!pending.isEmpty()) {
      Node node = pending.pop().producer().orElse(null);
      if (node != null && node.graph() == graph && live.add(node)) {
        node.inputs().stream().filter(value -> value != null).forEach(pending::add);
        pending.addAll(node.captured());
      }
    }
    return live;
  }
}
