package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
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
 * Brings into a model's main graph what is in functions that it calls and in branches that it
 * always takes, so that weights in them are found. What cannot be brought in stays as it is.
 */
final class Inlining {
  /** Functions may call functions, branches may branch: so deep, and no deeper. */
  private static final int ROUNDS = 16;

  private final Engine engine;

  Inlining(Engine engine) {
    this.engine = engine;
  }

  /** Replaces calls of model functions, but for functions whose attributes are parameters. */
  void callFunctions(Model model) {
    if (model.functions().isEmpty()) {
      return;
    }
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (Node node : List.copyOf(model.graph().nodes())) {
        Optional<Function> function = model.function(node.operator());
        if (function.isPresent() && isPlain(function.get().body())) {
          replace(node, ModelCopy.inline(function.get().body(), node.inputs(), node));
          changed = true;
        }
      }
    }
  }

  private static boolean isPlain(Graph body) {
    return body.nodes().stream()
        .allMatch(
            node ->
                node.attributes().values().stream()
                        .noneMatch(value -> value instanceof Attribute.OpaqueAttribute)
                    && node.subgraphs().stream().allMatch(Inlining::isPlain));
  }

  /**
   * Replaces each {@code If} by the branch it takes, where its condition is a constant, or depends
   * on the shapes of the inputs alone: then as for the engine's sample inputs.
   */
  void chooseBranches(Model model) {
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (Node node : List.copyOf(model.graph().nodes())) {
        if (node.is("If")) {
          Optional<Boolean> condition = condition(model, node.inputs().get(0));
          if (condition.isPresent()
              && node.attributes().get(condition.get() ? "then_branch" : "else_branch")
                  instanceof Attribute.GraphAttribute branch) {
            replace(node, ModelCopy.inline(branch.value(), List.of(), node));
            changed = true;
          }
        }
      }
    }
  }

  private Optional<Boolean> condition(Model model, Value value) {
    Optional<Tensor> tensor = value.constant();
    if (tensor.isEmpty() && dependsOnShapesAlone(value)) {
      tensor = computed(model, value);
    }
    return tensor
        .filter(found -> found.shape().elements() == 1)
        .flatMap(Elements::of)
        .map(element -> element.applyAsDouble(0) != 0);
  }

  private static boolean dependsOnShapesAlone(Value value) {
    Deque<Value> pending = new ArrayDeque<>(List.of(value));
    Set<Value> seen = new HashSet<>();
    while (!pending.isEmpty()) {
      Value next = pending.pop();
      if (next.initializer().isPresent() || !seen.add(next)) {
        continue;
      }
      Node node = next.producer().orElse(null);
      if (node == null || !node.subgraphs().isEmpty()) {
        return false;
      }
      if (!node.is("Shape") && !node.is("Size")) {
        node.inputs().stream().filter(input -> input != null).forEach(pending::push);
      }
    }
    return true;
  }

  private Optional<Tensor> computed(Model model, Value value) {
    try {
      Map<Value, Tensor> inputs = engine.inputs(model, 1).orElse(new HashMap<>());
      return inputs.size() < model.graph().requiredInputs().size()
          ? Optional.empty()
          : Optional.ofNullable(engine.evaluate(model, inputs, List.of(value)).get(value));
    } catch (ModelException e) {
      return Optional.empty();
    }
  }

  /**
   * Lets values stand for a node's outputs, {@code null} for unused ones; those that cannot take a
   * name are copied first.
   */
  static void replace(Node node, List<Value> results) {
    List<Value> standing = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      Value result = results.get(i);
      if (result == null) {
        standing.add(null);
        continue;
      }
      boolean needsName =
          i < node.outputs().size()
              && node.outputs().get(i) != null
              && (node.outputs().get(i).isGraphOutput()
                  || SubgraphOutputs.contain(node.graph(), node.outputs().get(i)));
      boolean hasOwn =
          result.producer().isEmpty()
              || result.graph() != node.graph()
              || result.isGraphOutput()
              || standing.contains(result)
              || node.inputs().contains(result);
      standing.add(
          needsName && hasOwn
              ? new Ops(node.graph()).before(node).call("Identity", result)
              : result);
    }
    node.graph()
        .substitute(node, standing.subList(0, Math.min(standing.size(), node.outputs().size())));
  }
}
