package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Brings branches into a model's main graph: the one that is always taken, or both, of whose
 * results one is picked. What cannot be brought in stays as it is.
 */
final class Branches {
  /** Branches may branch: so deep, and no deeper. */
  private static final int ROUNDS = 16;

  private static final int SAMPLES = 3;

  private final Engine engine;
  private final Inlining inlining;

  Branches(Engine engine, Inlining inlining) {
    this.engine = engine;
    this.inlining = inlining;
  }

  /**
   * Replaces each {@code If} by the branch it takes, where its condition is a constant, or depends
   * on the shapes of the inputs alone: then as for the engine's sample inputs.
   */
  void choose(Model model) {
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (Node node : List.copyOf(model.graph().nodes())) {
        if (node.is("If")) {
          Optional<Boolean> condition = condition(model, node.inputs().get(0));
          if (condition.isPresent()
              && node.attributes().get(condition.get() ? "then_branch" : "else_branch")
                  instanceof Attribute.GraphAttribute branch) {
            Inlining.replace(node, inlining.inline(branch.value(), List.of(), Map.of(), node));
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
   * Computes both branches of what is left and picks the results by the condition, where the engine
   * runs that and finds the same results: a branch that is not taken may not run on these inputs.
   */
  void merge(Model model) {
    Set<String> tried = new HashSet<>();
    Optional<Node> next = next(model, tried);
    for (int round = 0; round < ROUNDS && next.isPresent(); round++) {
      Model trial = ModelCopy.of(model).model();
      merge(trial, next.get().outputs().get(0).name(), new Inlining());
      if (isSame(model, trial)) {
        merge(model, next.get().outputs().get(0).name(), inlining);
        choose(model);
      }
      next = next(model, tried);
    }
  }

  /** A node to try, which is tried then. */
  private static Optional<Node> next(Model model, Set<String> tried) {
    return model.graph().nodes().stream()
        .filter(node -> node.is("If") && node.outputs().stream().allMatch(Objects::nonNull))
        .filter(node -> tried.add(node.outputs().get(0).name()))
        .findFirst();
  }

  private static void merge(Model model, String output, Inlining inlining) {
    Node node = model.graph().find(output).flatMap(Value::producer).orElseThrow();
    List<Value> then = inlining.inline(body(node, "then_branch"), List.of(), Map.of(), node);
    List<Value> otherwise = inlining.inline(body(node, "else_branch"), List.of(), Map.of(), node);
    Ops ops = new Ops(model.graph()).before(node);
    List<Value> picked = new ArrayList<>();
    for (int i = 0; i < then.size(); i++) {
      picked.add(ops.where(node.inputs().get(0), then.get(i), otherwise.get(i)));
    }
    Inlining.replace(node, picked);
  }

  private static Graph body(Node node, String branch) {
    return ((Attribute.GraphAttribute) node.attributes().get(branch)).value();
  }

  /** Whether two models with the same inputs and outputs give the same for some inputs. */
  private boolean isSame(Model model, Model other) {
    try {
      for (long seed = 1; seed <= SAMPLES; seed++) {
        Map<Value, Tensor> inputs = engine.inputs(model, seed).orElse(null);
        if (inputs == null) {
          return false;
        }
        Map<Value, Tensor> same = new HashMap<>();
        inputs.forEach(
            (input, tensor) -> same.put(other.graph().find(input.name()).orElseThrow(), tensor));
        List<Value> outputs = model.graph().outputs();
        Map<Value, Tensor> expected = engine.evaluate(model, inputs, outputs);
        Map<Value, Tensor> found = engine.evaluate(other, same, other.graph().outputs());
        for (int i = 0; i < outputs.size(); i++) {
          Tensor wanted = expected.get(outputs.get(i));
          Tensor got = found.get(other.graph().outputs().get(i));
          if (wanted != null && (got == null || Batches.difference(wanted, got) != 0)) {
            return false;
          }
        }
      }
      return true;
    } catch (ModelException e) {
      return false;
    }
  }
}
