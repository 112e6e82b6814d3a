package io.espalier.pipeline;

import io.espalier.graph.Attribute;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes and constants of all graphs of a model, under names that tell them apart: that of a
 * subgraph's follows its node's name and the attribute, that of a function's the function's.
 */
final class ModelParts {
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  private ModelParts() {}

  static ModelParts of(Model model) {
    ModelParts parts = new ModelParts();
    parts.add("", model.graph());
    for (Function function : model.functions()) {
      parts.add(function.id() + "/", function.body());
    }
    return parts;
  }

  private void add(String prefix, Graph graph) {
    for (Value constant : graph.constants()) {
      constants.put(prefix + constant.name(), constant.constant().orElseThrow());
    }
    for (Node node : graph.nodes()) {
      if (node.constant().isEmpty()) {
        String name = unused(prefix, node);
        nodes.put(name, node);
        node.attributes()
            .forEach(
                (attribute, value) ->
                    subgraphs(value)
                        .forEach(subgraph -> add(name + "/" + attribute + "/", subgraph)));
      }
    }
  }

  private static List<Graph> subgraphs(Attribute attribute) {
    if (attribute instanceof Attribute.GraphAttribute one) {
      return List.of(one.value());
    }
    return attribute instanceof Attribute.GraphsAttribute many ? many.value() : List.of();
  }

  /** Names of nodes may be missing or occur twice; those of values do neither. */
  private String unused(String prefix, Node node) {
    String name = prefix + node.nameOrOutput();
    if (!nodes.containsKey(name)) {
      return name;
    }
    String output = node.outputs().isEmpty() ? "" : String.valueOf(node.outputs().get(0));
    String candidate = prefix + output;
    for (int i = 2; nodes.containsKey(candidate); i++) {
      candidate = prefix + output + "#" + i;
    }
    return candidate;
  }

  /** All nodes but those that are constants. */
  Map<String, Node> nodes() {
    return Collections.unmodifiableMap(nodes);
  }

  /** Initializers and what {@code Constant} nodes hold. */
  Map<String, Tensor> constants() {
    return Collections.unmodifiableMap(constants);
  }
}
