package io.espalier.quantize;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which values between layers get a grid, and which of them share one: those that an operator only
 * moves or picks from. A Relu or Clip right behind a layer belongs to it, and its output has the
 * grid; behind pools it needs none of its own either, since cutting off commutes with picking.
 */
final class Activations {
  private static final Set<String> MOVING =
      Set.of("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze");

  private static final Set<String> AVERAGING = Set.of("AveragePool", "GlobalAveragePool");

  private final Types types;
  private final Set<Node> layers = new HashSet<>();
  private final Set<Value> quantized = new LinkedHashSet<>();
  private final Map<Value, Value> shared = new HashMap<>();
  private final Set<Value> cut = new HashSet<>();
  private final Set<Node> absorbed = new HashSet<>();

  private Activations(Types types) {
    this.types = types;
  }

  static Activations around(List<Layer> layers, Graph graph, Types types) {
    Activations found = new Activations(types);
    layers.forEach(layer -> found.layers.add(layer.node()));
    layers.forEach(layer -> found.quantized.add(layer.input()));
    for (Node node : graph.nodes()) {
      found.visit(node);
    }
    return found;
  }

  private void visit(Node node) {
    if (absorbed.contains(node) || node.outputs().isEmpty() || node.outputs().get(0) == null) {
      return;
    }
    Value output = node.outputs().get(0);
    String operator = node.operator().toString();
    if (layers.contains(node)) {
      Value end = end(output);
      if (node.is("Conv") || end != output || isWanted(end)) {
        quantized.add(end);
      }
    } else if (node.inputs().isEmpty() || !isQuantized(node.inputs().get(0))) {
      return;
    } else if (MOVING.contains(operator) && node.outputs().size() == 1) {
      share(node.inputs().get(0), output);
    } else if (operator.equals("Relu")) {
      relu(node, output);
    } else if (AVERAGING.contains(operator)
        || (operator.equals("Add") || operator.equals("Concat"))
            && node.inputs().stream().allMatch(this::isQuantized)) {
      quantized.add(operator.equals("Concat") ? output : end(output));
    }
  }

  private boolean isQuantized(Value value) {
    return value != null && quantized.contains(value);
  }

  private void relu(Node node, Value output) {
    if (mayCutEarlier(node.inputs().get(0))) {
      share(node.inputs().get(0), output);
      cut.add(output);
    } else {
      quantized.add(output);
    }
  }

  /** Whether negative numbers may be cut off where the value's grid begins already. */
  private boolean mayCutEarlier(Value value) {
    Value at = value;
    while (at.uses().size() == 1 && !at.isGraphOutput() && at.producer().isPresent()) {
      Node producer = at.producer().get();
      if (layers.contains(producer)) {
        return true;
      }
      if (!producer.is("MaxPool")) {
        return false;
      }
      at = producer.inputs().get(0);
    }
    return false;
  }

  private void share(Value input, Value output) {
    quantized.add(output);
    shared.put(output, input);
  }

  /** The value itself, or what Relu or Clip make of it where only they use it. */
  private Value end(Value value) {
    if (value.isGraphOutput() || value.uses().size() != 1) {
      return value;
    }
    Node next = value.uses().get(0).node();
    boolean constantEnds =
        next.inputs().stream().skip(1).allMatch(v -> v == null || v.constant().isPresent());
    if (next.graph() == value.graph() && (next.is("Relu") || next.is("Clip") && constantEnds)) {
      absorbed.add(next);
      return next.outputs().get(0);
    }
    return value;
  }

  /** Whether somebody computes on integers with the value. */
  private boolean isWanted(Value value) {
    return value.uses().stream()
        .map(Value.Use::node)
        .anyMatch(
            node ->
                layers.contains(node)
                    || MOVING.contains(node.operator().toString())
                    || AVERAGING.contains(node.operator().toString())
                    || node.is("Add")
                    || node.is("Concat"));
  }

  /** The values that share a grid, in the order of the graph, by the first of them. */
  Map<Value, List<Value>> groups() {
    Map<Value, List<Value>> groups = new LinkedHashMap<>();
    for (Value value : quantized) {
      if (types.dataType(value).filter(DataType.FLOAT::equals).isPresent()) {
        groups.computeIfAbsent(first(value), key -> new ArrayList<>()).add(value);
      }
    }
    return groups;
  }

  private Value first(Value value) {
    Value at = value;
    while (shared.containsKey(at)) {
      at = shared.get(at);
    }
    return at;
  }

  /** Those of a group whose range is the group's. */
  List<Value> deciding(List<Value> group) {
    List<Value> last = group.stream().filter(cut::contains).toList();
    return last.isEmpty() ? group : last;
  }
}
