package io.espalier.gradient;

import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.TopologicalOrder;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reverse-mode differentiation: appends to a graph the nodes that compute the gradients of a scalar
 * loss.
 *
 * <p>The walk goes from the loss against the order of computation, along paths that lead to a
 * weight and no other. At each node it asks the {@link GradientRule}, sums what it gets down to the
 * shapes of the inputs, and adds up what reaches a value on several ways. A node without a rule
 * freezes every weight behind it, since a gradient that lacks a path would be wrong.
 */
public final class Backward {
  private static final int NAMES_IN_A_REFUSAL = 3;

  private final Graph graph;
  private final Types types;
  private final Ops ops;
  private final List<Node> order;
  private final Set<Value> weights;
  private final Map<Value, List<Value>> terms = new HashMap<>();
  private final Map<Value, Value> gradients = new HashMap<>();
  private final Set<Value> named = new HashSet<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Set<Value> zeroBehindRelu = new HashSet<>();
  private final Paths paths;
  private Set<Value> active;

  private Backward(Graph graph, Value loss, List<Value> weights, Types types) {
    this.graph = graph;
    this.types = types;
    this.ops = new Ops(graph);
    this.order = TopologicalOrder.upTo(loss);
    this.weights = new LinkedHashSet<>(weights);
    this.paths = new Paths(order, loss, this.weights, types);
  }

  /**
   * Appends the nodes that compute the gradients of {@code loss}; the graph's outputs stay as they
   * are.
   *
   * @param graph at opset {@link Ops#OPSET}
   * @param loss one number
   * @param weights inputs, initializers or any other float values of the graph
   * @param types what is known of the graph's values; the more, the better the graph
   */
  public static Gradients of(Graph graph, Value loss, List<Value> weights, Types types) {
    return new Backward(graph, loss, weights, types).run(loss, weights);
  }

  private Gradients run(Value loss, List<Value> wanted) {
    Set<Node> before = new HashSet<>(graph.nodes());
    Set<Value> constants = new HashSet<>(graph.initializers());
    named.addAll(graph.values());
    paths.refusal().ifPresent(refusals::add);
    active = paths.active(weights);
    terms.put(loss, List.of(seed(loss)));
    List<Node> backwards = new ArrayList<>(order);
    Collections.reverse(backwards);
    for (Node node : backwards) {
      if (collect(node) && takesActive(node)) {
        differentiate(node);
      }
    }
    Map<Value, Value> found = new LinkedHashMap<>();
    for (Value weight : wanted) {
      if (weights.contains(weight)) {
        result(weight).ifPresent(gradient -> found.put(weight, gradient));
      }
    }
    sweep(before, constants, Set.copyOf(found.values()));
    return new Gradients(found, refusals);
  }

  static Stream<Value> taken(Node node) {
    return Stream.concat(node.inputs().stream(), node.captured().stream())
        .filter(value -> value != null);
  }

  private boolean takesActive(Node node) {
    return taken(node).anyMatch(active::contains);
  }

  private Value seed(Value loss) {
    types
        .shape(loss)
        .filter(shape -> shape.elements() != 1)
        .ifPresent(
            shape -> {
              throw new IllegalArgumentException("loss '" + loss + "' has shape " + shape);
            });
    boolean scalar = types.shape(loss).filter(shape -> shape.rank() == 0).isPresent();
    var dataType = types.dataType(loss).orElseThrow();
    return scalar ? ops.scalar(dataType, 1) : ops.filled(ops.shape(loss), dataType, 1);
  }

  /** Adds up the gradients of the node's outputs; whether there are any. */
  private boolean collect(Node node) {
    boolean any = false;
    for (Value output : node.outputs()) {
      if (output != null && active.contains(output) && terms.containsKey(output)) {
        gradients.put(output, total(output));
        any = true;
      }
    }
    return any;
  }

  private Value total(Value value) {
    Value sum = ops.in(value.name() + ".grad").sum(terms.get(value));
    if (sum.producer().isPresent() && !sum.isGraphOutput() && named.add(sum)) {
      graph.rename(sum, value.name() + ".grad");
    }
    return sum;
  }

  private void differentiate(Node node) {
    if (paths.isStraight(node)) {
      terms
          .computeIfAbsent(node.inputs().get(0), key -> new ArrayList<>())
          .add(gradients.get(node.outputs().get(0)));
      return;
    }
    Optional<GradientRule> rule = GradientRules.of(node.operator());
    if (rule.isEmpty()) {
      freeze(node, "no gradient rule for operator " + node.operator());
      return;
    }
    try {
      requireFirstOutputOnly(node, rule.get());
      emit(node, rule.get());
    } catch (RefusedException e) {
      freeze(node, e.getMessage());
    }
  }

  private void requireFirstOutputOnly(Node node, GradientRule rule) {
    for (int i = 1; i < node.outputs().size() && !rule.allOutputs(); i++) {
      if (gradients.containsKey(node.outputs().get(i))) {
        throw new RefusedException("the loss depends on its output " + i);
      }
    }
    if (node.captured().stream().anyMatch(active::contains)) {
      throw new RefusedException("its subgraph takes values from outside");
    }
  }

  private void emit(Node node, GradientRule rule) {
    String scope = (node.name().isEmpty() ? node.opType() : node.name()) + ".backward";
    Ops scoped = ops.in(scope);
    GradientContext context =
        new GradientContext(node, scoped, types, gradients, active, zeroBehindRelu);
    List<Value> results = rule.body().emit(context, scoped);
    if (results.size() != node.inputs().size()) {
      throw new IllegalStateException(
          "%s: its rule gives %d gradients for %d inputs"
              .formatted(node.label(), results.size(), node.inputs().size()));
    }
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) != null && context.wants(i)) {
        Value input = node.inputs().get(i);
        Value gradient =
            rule.broadcasting()
                ? context.sumTo(results.get(i), types.dims(context.y()), input)
                : results.get(i);
        terms.computeIfAbsent(input, key -> new ArrayList<>()).add(gradient);
      }
    }
  }

  /** Gives up every weight that {@code node} depends on. */
  private void freeze(Node node, String reason) {
    Set<Value> behind = new HashSet<>(taken(node).toList());
    for (int i = order.indexOf(node) - 1; i >= 0; i--) {
      if (order.get(i).outputs().stream().anyMatch(behind::contains)) {
        taken(order.get(i)).forEach(behind::add);
      }
    }
    List<Value> frozen = weights.stream().filter(behind::contains).toList();
    frozen.forEach(weights::remove);
    active = paths.active(weights);
    refusals.add(
        new Refusal(node.label(), reason + "; frozen with what lies behind it: " + list(frozen)));
  }

  private static String list(List<Value> values) {
    String first =
        values.stream()
            .limit(NAMES_IN_A_REFUSAL)
            .map(Value::name)
            .collect(Collectors.joining(", "));
    int more = values.size() - NAMES_IN_A_REFUSAL;
    return more > 0 ? first + " and " + more + " more" : first;
  }

  /** The gradient of a weight under a name of its own. */
  private Optional<Value> result(Value weight) {
    if (!terms.containsKey(weight)) {
      String reason =
          paths
              .barrier(weight)
              .map(node -> "its gradient is zero: it reaches the loss only through " + node)
              .orElse("the loss does not depend on it");
      refusals.add(new Refusal(weight.name(), reason));
      return Optional.empty();
    }
    Value sum = gradients.get(weight);
    if (sum == null) {
      sum = total(weight);
    }
    if (!sum.name().equals(weight.name() + ".grad")) {
      sum = ops.call("Identity", sum);
      graph.rename(sum, weight.name() + ".grad");
    }
    return Optional.of(sum);
  }

  /** Removes what was emitted and is not needed. */
  private void sweep(Set<Node> before, Set<Value> constants, Set<Value> results) {
    List<Node> emitted =
        new ArrayList<>(graph.nodes().stream().filter(node -> !before.contains(node)).toList());
    Collections.reverse(emitted);
    for (Node node : emitted) {
      boolean needed =
          node.outputs().stream()
              .anyMatch(output -> !output.uses().isEmpty() || results.contains(output));
      if (!needed) {
        graph.remove(node);
      }
    }
    for (Value constant : graph.initializers()) {
      if (!constants.contains(constant) && constant.uses().isEmpty()) {
        graph.remove(constant);
      }
    }
  }
}
