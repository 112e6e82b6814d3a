package io.espalier.storage;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Constants of branches and of loops' bodies, which can move to the main graph: there onnxruntime
 * computes them once, and the nodes of subgraphs take them from outside.
 */
final class SubgraphWeights {
  private final Graph main;
  private final List<Graph> subgraphs = new ArrayList<>();
  private final Map<String, Integer> names = new HashMap<>();

  /** The constants of what lies within the nodes of a model's main graph. */
  SubgraphWeights(Model model) {
    this.main = model.graph();
    List<Graph> pending = new ArrayList<>(List.of(main));
    for (int i = 0; i < pending.size(); i++) {
      Graph graph = pending.get(i);
      graph.values().forEach(value -> names.merge(value.name(), 1, Integer::sum));
      graph.nodes().forEach(node -> pending.addAll(node.subgraphs()));
    }
    subgraphs.addAll(pending.subList(1, pending.size()));
  }

  /** Those that nothing but nodes takes. */
  List<Value> find() {
    Set<Value> outputs = new HashSet<>();
    subgraphs.forEach(graph -> outputs.addAll(graph.outputs()));
    return subgraphs.stream()
        .flatMap(graph -> graph.constants().stream())
        .filter(value -> !outputs.contains(value) && !value.isGraphInput())
        .toList();
  }

  /** Moves a constant to the main graph, under a name that no other value of the model has. */
  Value move(Value inner) {
    Tensor tensor = inner.constant().orElseThrow();
    Value outer = main.declare(freeName(inner.name()));
    outer.setInitializer(tensor);
    outer.setType(TensorType.of(tensor));
    inner.replaceUsesWith(outer);
    if (inner.producer().isPresent()) {
      Node constant = inner.producer().get();
      inner.graph().remove(constant);
    } else {
      inner.graph().remove(inner);
    }
    return outer;
  }

  private String freeName(String wanted) {
    names.merge(wanted, -1, Integer::sum);
    String candidate = wanted;
    for (int i = 1; names.getOrDefault(candidate, 0) > 0; i++) {
      candidate = wanted + "_" + i;
    }
    names.merge(candidate, 1, Integer::sum);
    return candidate;
  }
}
