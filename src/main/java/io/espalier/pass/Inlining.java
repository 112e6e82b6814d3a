package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings into a model's main graph what is in functions, branches and loops, and remembers where it
 * comes from. A constant that is brought in several times is one initializer in the main graph:
 * what trains in one place trains in all.
 */
final class Inlining {
  /** Functions may call functions: so deep, and no deeper. */
  private static final int ROUNDS = 16;

  private final Map<Value, Value> origins = new HashMap<>();
  private final Map<Value, Value> constants = new HashMap<>();

  /** The value that was there before anything was brought in; the value itself if it was. */
  Value origin(Value value) {
    Value found = value;
    while (origins.containsKey(found)) {
      found = origins.get(found);
    }
    return found;
  }

  /** Replaces calls of model functions. */
  void callFunctions(Model model) {
    boolean changed = !model.functions().isEmpty();
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (Node node : List.copyOf(model.graph().nodes())) {
        Optional<Function> function = model.function(node.operator());
        if (function.isPresent()) {
          Map<String, Attribute> parameters = new HashMap<>(function.get().defaults());
          parameters.putAll(node.attributes());
          replace(node, inline(function.get().body(), node.inputs(), parameters, node));
          changed = true;
        }
      }
    }
  }

  /**
   * Copies what is in a body in front of a node of the main graph.
   *
   * @param arguments for the inputs of the body, {@code null} for absent ones
   * @param parameters of a function
   * @return the copies of its outputs
   */
  List<Value> inline(
      Graph body, List<Value> arguments, Map<String, Attribute> parameters, Node node) {
    Map<Value, Value> given = new HashMap<>();
    body.constants().forEach(constant -> given.put(constant, shared(constant, node.graph())));
    for (int i = 0; i < body.inputs().size(); i++) {
      given.put(body.inputs().get(i), i < arguments.size() ? arguments.get(i) : null);
    }
    ModelCopy copy = ModelCopy.inline(body, given, parameters, node);
    origins.putAll(copy.originals());
    List<Value> results = new ArrayList<>();
    body.outputs().forEach(output -> results.add(copy.of(output)));
    return results;
  }

  private Value shared(Value constant, Graph graph) {
    Value origin = origin(constant);
    Value known = constants.get(origin);
    if (known != null && graph.find(known.name()).orElse(null) == known) {
      return known;
    }
    Value value = graph.newValue(constant.name());
    value.setInitializer(constant.constant().orElseThrow());
    value.setType(TensorType.of(constant.constant().orElseThrow()));
    constants.put(origin, value);
    origins.put(value, origin);
    return value;
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
