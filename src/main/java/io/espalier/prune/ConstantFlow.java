package io.espalier.prune;

import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Follows constants to the nodes that compute with them: through {@link ElementMoves}, into and out
 * of model functions, and out of the branches of {@code If}.
 */
final class ConstantFlow {
  private static final Set<String> ASK_FOR_SHAPE = Set.of("Shape", "Size");
  private static final int MAX_STEPS = 10_000;
  private static final int MAX_CALLS = 32;

  private final Map<OperatorId, Function> functions = new HashMap<>();
  private final Map<OperatorId, List<Node>> callers = new HashMap<>();
  private final Map<Graph, Function> functionBodies = new HashMap<>();
  private final Map<Graph, Node> subgraphOwners = new HashMap<>();
  private final Map<Value, List<Result>> results = new HashMap<>();

  /** A value that is the output of a graph at this index. */
  private record Result(Graph graph, int index) {}

  /** The calls of functions that led to a place, the innermost first; null outside of any. */
  private record Calls(Node call, Calls outer, int depth) {}

  private record Step(Value value, Layout layout, Calls calls) {}

  /**
   * A node that computes with a constant.
   *
   * @param calls the nodes that call the function that has the node, and so on outwards
   */
  record Arrival(Node node, int slot, Layout layout, List<Node> calls) {}

  /**
   * Where a constant goes.
   *
   * @param escapes how it leaves what can be followed; empty if it does not
   */
  record Flow(List<Arrival> arrivals, List<String> escapes) {}

  ConstantFlow(Model model) {
    for (Function function : model.functions()) {
      functions.putIfAbsent(function.id(), function);
      functionBodies.put(function.body(), function);
    }
    model.forEachGraph(this::index);
  }

  private void index(Graph graph) {
    for (int i = 0; i < graph.outputs().size(); i++) {
      Result result = new Result(graph, i);
      results.computeIfAbsent(graph.outputs().get(i), key -> new ArrayList<>()).add(result);
    }
    for (Node node : graph.nodes()) {
      node.subgraphs().forEach(subgraph -> subgraphOwners.put(subgraph, node));
      if (functions.containsKey(node.operator())) {
        callers.computeIfAbsent(node.operator(), key -> new ArrayList<>()).add(node);
      }
    }
  }

  /** Follows {@code constant}, which has a tensor. */
  Flow follow(Value constant) {
    Flow flow = new Flow(new ArrayList<>(), new ArrayList<>());
    Deque<Step> open = new ArrayDeque<>();
    Set<Step> seen = new HashSet<>();
    open.add(new Step(constant, Layout.of(constant.constant().orElseThrow().shape()), null));
    int left = MAX_STEPS;
    while (!open.isEmpty()) {
      Step step = open.remove();
      if (!seen.add(step)) {
        continue;
      }
      left -= 1 + step.value().uses().size();
      if (left < 0) {
        flow.escapes().add("it is used in more places than are followed");
        return flow;
      }
      for (Value.Use use : step.value().uses()) {
        enter(use, step, flow, open);
      }
      for (Result result : results.getOrDefault(step.value(), List.of())) {
        leave(result, step, flow, open);
      }
    }
    return flow;
  }

  private void enter(Value.Use use, Step step, Flow flow, Deque<Step> open) {
    Node node = use.node();
    Function function = functions.get(node.operator());
    if (function != null) {
      int depth = step.calls() == null ? 1 : step.calls().depth() + 1;
      if (depth > MAX_CALLS || use.index() >= function.body().inputs().size()) {
        flow.escapes().add(node.label() + " takes it in a way that is not followed");
        return;
      }
      Value input = function.body().inputs().get(use.index());
      open.add(new Step(input, step.layout(), new Calls(node, step.calls(), depth)));
      return;
    }
    if (node.operator().domain().isEmpty() && ASK_FOR_SHAPE.contains(node.opType())) {
      return;
    }
    Optional<Layout> moved = ElementMoves.follow(node, use.index(), step.layout());
    if (moved.isPresent()) {
      follow(node, 0, moved.get(), step.calls(), open);
    } else {
      flow.arrivals().add(new Arrival(node, use.index(), step.layout(), calls(step.calls())));
    }
  }

  private void leave(Result result, Step step, Flow flow, Deque<Step> open) {
    Function function = functionBodies.get(result.graph());
    Node owner = subgraphOwners.get(result.graph());
    if (function != null && step.calls() != null) {
      follow(step.calls().call(), result.index(), step.layout(), step.calls().outer(), open);
    } else if (function != null) {
      for (Node call : callers.getOrDefault(function.id(), List.of())) {
        follow(call, result.index(), step.layout(), null, open);
      }
    } else if (owner != null && owner.is("If")) {
      follow(owner, result.index(), step.layout(), step.calls(), open);
    } else if (owner != null) {
      flow.escapes().add("it is a result of the body of " + owner.label());
    } else {
      flow.escapes().add("it is also an output of the graph");
    }
  }

  private static void follow(Node node, int output, Layout layout, Calls calls, Deque<Step> open) {
    if (output < node.outputs().size() && node.outputs().get(output) != null) {
      open.add(new Step(node.outputs().get(output), layout, calls));
    }
  }

  private static List<Node> calls(Calls calls) {
    List<Node> result = new ArrayList<>();
    for (Calls one = calls; one != null; one = one.outer()) {
      result.add(one.call());
    }
    return result;
  }
}
