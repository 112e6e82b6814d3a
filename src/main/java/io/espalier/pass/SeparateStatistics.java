package io.espalier.pass;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives running statistics tensors of their own. Exporters merge constants that are equal, as the
 * scales and variances of a network without training are, and its shifts and means. Whatever shares
 * a tensor with a statistic is merged like that; it would be held together in training. Weights
 * that are shared by weights alone are tied on purpose, and stay so.
 */
public final class SeparateStatistics implements Pass {
  private static final int MEAN = 3;
  private static final List<String> ROLES = List.of("X", "scale", "B", "input_mean", "input_var");

  /** First IR version in which initializers need not be inputs. */
  private static final long FREE_INITIALIZERS = 4;

  /** Who takes a constant, and as which input; a module is one however many nodes apply it. */
  private record Role(Object module, int index) {}

  @Override
  public PassResult run(Model model) {
    Graph graph = model.graph();
    boolean inputs = model.irVersion() < FREE_INITIALIZERS;
    Set<Value> constants = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (node.is("BatchNormalization") && node.inputs().size() == ROLES.size()) {
        node.inputs().subList(MEAN, ROLES.size()).stream()
            .map(SeparateStatistics::source)
            .filter(value -> value.graph() == graph && value.constant().isPresent())
            .forEach(constants::add);
      }
    }
    int changes = 0;
    for (Value constant : constants) {
      for (Value value : named(constant, inputs)) {
        changes += separate(value, inputs);
      }
    }
    return new PassResult(changes, List.of());
  }

  /** Where a value comes from, behind any Identity. */
  private static Value source(Value value) {
    Value source = value;
    while (source.producer().filter(node -> node.is("Identity")).isPresent()) {
      source = source.producer().orElseThrow().inputs().get(0);
    }
    return source;
  }

  /** The constant and every Identity of it, made constants of their own. */
  private static List<Value> named(Value constant, boolean inputs) {
    Tensor tensor = constant.constant().orElseThrow();
    List<Value> all = new ArrayList<>(List.of(constant));
    for (int i = 0; i < all.size(); i++) {
      for (Value.Use use : List.copyOf(all.get(i).uses())) {
        Node node = use.node();
        boolean own = node.graph() == constant.graph();
        if (own && node.is("Identity") && !node.outputs().get(0).isGraphOutput()) {
          node.graph().fold(node, tensor);
          feed(node.outputs().get(0), inputs);
          all.add(node.outputs().get(0));
        }
      }
    }
    return all;
  }

  /** Leaves the constant to the first role, and gives every other one a copy. */
  private static int separate(Value constant, boolean inputs) {
    Collection<List<Value.Use>> roles = roles(constant).values();
    roles.stream()
        .skip(1)
        .forEach(
            uses -> {
              Value copy = constant.graph().newValue(name(constant, uses.get(0)));
              copy.setType(constant.type().orElse(null));
              copy.setInitializer(constant.constant().orElseThrow());
              feed(copy, inputs);
              uses.forEach(use -> use.node().setInput(use.index(), copy));
            });
    return Math.max(0, roles.size() - 1);
  }

  private static Map<Role, List<Value.Use>> roles(Value constant) {
    Map<Role, List<Value.Use>> roles = new LinkedHashMap<>();
    for (Value.Use use : constant.uses()) {
      if (use.node().graph() == constant.graph()) {
        Role role = new Role(module(use.node(), constant), use.index());
        roles.computeIfAbsent(role, one -> new ArrayList<>()).add(use);
      }
    }
    return roles;
  }

  /** Nodes with the same weight are the same layer, applied again. */
  private static Object module(Node node, Value constant) {
    if (node.is("BatchNormalization")) {
      return node;
    }
    return node.input(1)
        .map(SeparateStatistics::source)
        .filter(weight -> weight != constant && weight.constant().isPresent())
        .map(Object.class::cast)
        .orElse(node);
  }

  private static String name(Value constant, Value.Use use) {
    return use.node().is("BatchNormalization")
        ? use.node().nameOrOutput() + "." + ROLES.get(use.index())
        : constant.name();
  }

  private static void feed(Value value, boolean input) {
    if (input) {
      value.graph().makeInput(value);
    }
  }
}
