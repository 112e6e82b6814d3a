package io.espalier.pass;

import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds what outputs that are no floats are decided by: scores of which the model tells the best
 * only, or draws one, or whether they exceed a threshold. A teacher's scores can be learned where
 * its decisions have no slope.
 */
final class Decisions {
  /** Operators that decide; their first input are the scores. */
  private static final Set<String> DECIDING =
      Set.of("ArgMax", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Multinomial");

  /** Operators that hand on, join or count decisions. */
  private static final Set<String> PASSING =
      Set.of(
          "Add",
          "And",
          "Cast",
          "Concat",
          "Equal",
          "Flatten",
          "Gather",
          "Identity",
          "Mul",
          "Not",
          "OneHot",
          "Or",
          "ReduceMean",
          "ReduceSum",
          "Reshape",
          "Slice",
          "Squeeze",
          "Sub",
          "Transpose",
          "Unsqueeze",
          "Where");

  private final Types types;
  private final Map<Value, OutputHead> found = new LinkedHashMap<>();

  private Decisions(Types types) {
    this.types = types;
  }

  /** The scores behind a graph's outputs, apart from those that {@code heads} have already. */
  static Collection<OutputHead> of(Graph graph, Types types, List<OutputHead> heads) {
    Decisions decisions = new Decisions(types);
    graph.outputs().forEach(decisions::follow);
    Set<Value> known = heads.stream().map(OutputHead::raw).collect(Collectors.toSet());
    decisions.found.values().removeIf(head -> known.contains(head.raw()));
    return decisions.found.values();
  }

  private void follow(Value output) {
    Deque<Value> pending = new ArrayDeque<>(List.of(output));
    Set<Value> seen = new HashSet<>();
    while (!pending.isEmpty()) {
      Node node = pending.pop().producer().orElse(null);
      if (node == null || !node.operator().domain().isEmpty()) {
        continue;
      }
      if (DECIDING.contains(node.opType())) {
        node.input(0).ifPresent(scores -> add(node, scores));
      } else if (PASSING.contains(node.opType())) {
        node.inputs().stream()
            .filter(value -> value != null && seen.add(value))
            .forEach(pending::add);
      }
    }
  }

  private void add(Node decision, Value scores) {
    boolean computed = scores.producer().isPresent() && scores.constant().isEmpty();
    boolean isFloat = types.dataType(scores).filter(type -> type.isFloat()).isPresent();
    if (!computed || !isFloat || types.dims(scores).filter(dims -> !dims.isEmpty()).isEmpty()) {
      return;
    }
    OutputHead head = OutputHead.of(scores, types);
    if (decision.is("ArgMax") && head.activation() == Activation.NONE) {
      int axis = (int) decision.intAttribute("axis", 0);
      head =
          new OutputHead(
              scores,
              head.raw(),
              Activation.SOFTMAX,
              axis < 0 ? axis + head.rank() : axis,
              head.rank());
    }
    found.putIfAbsent(head.raw(), head);
  }
}
