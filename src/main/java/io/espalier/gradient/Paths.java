package io.espalier.gradient;

import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The ways on which weights reach the loss.
 *
 * <p>Where some weight has no way with a gradient, but one through operators that round, these pass
 * the gradient straight through (arXiv:1308.3432): so do nets train whose exporter wrote out their
 * quantization.
 */
final class Paths {
  private static final Set<String> ROUNDING = Set.of("Ceil", "Floor", "Round", "Sign");

  private final List<Node> order;
  private final Types types;
  private final Set<Node> straight = new LinkedHashSet<>();

  /** Looks at the nodes that compute {@code loss}, inputs first. */
  Paths(List<Node> order, Value loss, Set<Value> weights, Types types) {
    this.order = order;
    this.types = types;
    Set<Value> exact = leadingTo(loss, Paths::passes);
    if (!exact.containsAll(weights)) {
      Set<Value> rounded = leadingTo(loss, node -> passes(node) || rounds(node));
      Set<Value> blocked = new HashSet<>(weights);
      blocked.removeAll(exact);
      blocked.retainAll(rounded);
      Set<Value> behind = reached(blocked, node -> passes(node) || rounds(node));
      order.stream()
          .filter(Paths::rounds)
          .filter(node -> behind.contains(node.inputs().get(0)))
          .filter(node -> rounded.contains(node.outputs().get(0)))
          .forEach(straight::add);
    }
  }

  private static boolean rounds(Node node) {
    return node.operator().domain().isEmpty() && ROUNDING.contains(node.opType());
  }

  private static boolean passes(Node node) {
    return !GradientRules.NOT_DIFFERENTIABLE.contains(node.operator().toString());
  }

  /** Whether the gradient of a node that has none is taken for that of the identity. */
  boolean isStraight(Node node) {
    return straight.contains(node);
  }

  /** Says which nodes pass the gradient straight through, if any do. */
  Optional<Refusal> refusal() {
    return straight.stream()
        .findFirst()
        .map(
            first ->
                new Refusal(
                    first.label()
                        + (straight.size() == 1
                            ? ""
                            : " and %d more".formatted(straight.size() - 1)),
                    "has steps and no slope: its gradient is taken for that of the identity, since"
                        + " weights reach the loss on no other way"));
  }

  /** The values that depend on one of {@code weights} in a way that has a gradient. */
  Set<Value> active(Collection<Value> weights) {
    return reached(weights, node -> passes(node) || straight.contains(node));
  }

  private Set<Value> reached(Collection<Value> from, Predicate<Node> passing) {
    Set<Value> reached = new HashSet<>(from);
    for (Node node : order) {
      if (passing.test(node) && Backward.taken(node).anyMatch(reached::contains)) {
        boolean integers = standsForFloats(node, reached);
        node.outputs().stream()
            .filter(output -> output != null && (integers || mayBeFloat(output)))
            .forEach(reached::add);
      }
    }
    return reached;
  }

  /** The values from which the loss is reached. */
  private Set<Value> leadingTo(Value loss, Predicate<Node> passing) {
    Set<Value> leading = new HashSet<>(Set.of(loss));
    List<Node> backwards = new ArrayList<>(order);
    Collections.reverse(backwards);
    for (Node node : backwards) {
      if (passing.test(node) && node.outputs().stream().anyMatch(leading::contains)) {
        Backward.taken(node)
            .filter(value -> mayBeFloat(value) || quantizes(node))
            .forEach(leading::add);
      }
    }
    return leading;
  }

  private static boolean quantizes(Node node) {
    return node.is("DequantizeLinear") || QuantizationGradients.BETWEEN.contains(node.opType());
  }

  /** Whether the integers that a node gives are floats quantized. */
  private static boolean standsForFloats(Node node, Set<Value> reached) {
    return node.is("QuantizeLinear")
        || node.operator().domain().isEmpty()
            && QuantizationGradients.BETWEEN.contains(node.opType())
            && reached.contains(node.inputs().get(0));
  }

  private boolean mayBeFloat(Value value) {
    return types.dataType(value).map(type -> type.isFloat()).orElse(true);
  }

  /** The first node at which the gradient of a weight ends; absent if none leads to the loss. */
  Optional<String> barrier(Value weight) {
    Set<Value> active = active(List.of(weight));
    return order.stream()
        .filter(node -> Backward.taken(node).anyMatch(active::contains))
        .filter(node -> node.outputs().stream().noneMatch(active::contains))
        .filter(node -> !node.is("Shape") && !node.is("Size"))
        .map(Node::label)
        .findFirst();
  }
}
