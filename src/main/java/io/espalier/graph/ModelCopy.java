package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A copy of a model that can be changed while the model stays as it is. Tensors are shared, names
 * are kept. The copy has no origin: it is written from nothing.
 */
public final class ModelCopy {
  private final Map<Value, Value> values = new HashMap<>();
  private final Map<Value, Value> originals = new HashMap<>();
  private final Map<String, Attribute> parameters;
  private final Model model;

  private ModelCopy(Map<Value, Value> given, Map<String, Attribute> parameters) {
    this.model = null;
    this.parameters = parameters;
    values.putAll(given);
  }

  private ModelCopy(Model original, long irVersion) {
    this.parameters = null;
    List<Function> functions = new ArrayList<>();
    for (Function function : original.functions()) {
      Graph body = copy(function.body(), null);
      functions.add(new Function(function.id(), body, function.defaults()));
    }
    this.model = new Model(irVersion, original.opsets(), copy(original.graph(), null), functions);
    model.metadata().putAll(original.metadata());
  }

  /** A copy of the same IR version. */
  public static ModelCopy of(Model model) {
    return new ModelCopy(model, model.irVersion());
  }

  /** A copy of an IR version that is at least {@code irVersion}. */
  public static ModelCopy of(Model model, long irVersion) {
    return new ModelCopy(model, Math.max(irVersion, model.irVersion()));
  }

  public Model model() {
    return model;
  }

  /**
   * Copies what is in a graph in front of a node, which may be in another graph.
   *
   * @param body a branch of the node, or the body of the function that it calls
   * @param given values to take in the place of some of the body's: of its inputs ({@code null} for
   *     absent ones), and of what is not to be copied; nodes that compute only such are left out
   * @param parameters what the call of a function gives, or the function's default
   * @return the copy, which has no model
   */
  public static ModelCopy inline(
      Graph body, Map<Value, Value> given, Map<String, Attribute> parameters, Node node) {
    ModelCopy copy = new ModelCopy(given, parameters);
    for (Value value : body.values()) {
      if (!copy.values.containsKey(value)) {
        copy.fill(value, node.graph().newValue(value.name()));
      }
    }
    for (Node inner : body.nodes()) {
      if (given.keySet().containsAll(inner.outputs())) {
        continue;
      }
      List<Value> results = copy.ofAll(inner.outputs());
      String name =
          results.stream().filter(value -> value != null).findFirst().map(Value::name).orElse("");
      Node copied = node.graph().addNodeBefore(node, name, inner.operator(), results);
      copy.complete(inner, copied);
    }
    return copy;
  }

  /** What the values that were copied are copies of. */
  public Map<Value, Value> originals() {
    return Collections.unmodifiableMap(originals);
  }

  /** The value of the copy that stands for a value of the model. */
  public Value of(Value original) {
    return values.getOrDefault(original, original);
  }

  /** The value of the model that a value of the copy stands for; null if it was made later. */
  public Value original(Value copied) {
    return originals.get(copied);
  }

  private Graph copy(Graph graph, Graph parent) {
    Graph copy = new Graph(graph.name(), parent);
    for (Value value : graph.values()) {
      fill(value, copy.declare(value.name()));
    }
    graph.inputs().forEach(input -> copy.makeInput(of(input)));
    for (Node node : graph.nodes()) {
      copy.addNode(node.name(), node.operator(), ofAll(node.outputs()));
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      complete(graph.nodes().get(i), copy.nodes().get(i));
    }
    copy.setOutputs(ofAll(graph.outputs()));
    return copy;
  }

  private void fill(Value value, Value copied) {
    value.type().ifPresent(copied::setType);
    value.initializer().ifPresent(copied::setInitializer);
    values.put(value, copied);
    originals.put(copied, value);
  }

  private void complete(Node node, Node copy) {
    ofAll(node.inputs()).forEach(copy::addInput);
    node.attributes()
        .forEach(
            (name, attribute) -> {
              Attribute copied = copy(resolved(attribute), copy.graph());
              if (copied != null) {
                copy.setAttribute(name, copied);
              }
            });
  }

  /** What the call gives for a parameter; null if it gives nothing. */
  private Attribute resolved(Attribute attribute) {
    return parameters != null && attribute instanceof Attribute.ReferenceAttribute reference
        ? parameters.get(reference.parameter())
        : attribute;
  }

  private Attribute copy(Attribute attribute, Graph parent) {
    if (attribute instanceof Attribute.GraphAttribute one) {
      return new Attribute.GraphAttribute(copy(one.value(), parent));
    }
    if (attribute instanceof Attribute.GraphsAttribute many) {
      return new Attribute.GraphsAttribute(
          many.value().stream().map(graph -> copy(graph, parent)).toList());
    }
    return attribute;
  }

  private List<Value> ofAll(List<Value> originals) {
    List<Value> copies = new ArrayList<>(originals.size());
    for (Value original : originals) {
      copies.add(original == null ? null : of(original));
    }
    return copies;
  }
}
