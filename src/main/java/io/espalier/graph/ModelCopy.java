package io.espalier.graph;

import java.util.ArrayList;
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
  private final Model model;

  private ModelCopy() {
    this.model = null;
  }

  private ModelCopy(Model original, long irVersion) {
    List<Function> functions = new ArrayList<>();
    for (Function function : original.functions()) {
      functions.add(new Function(function.id(), copy(function.body(), null)));
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
   * @param arguments for the inputs of the body, {@code null} for absent ones
   * @return the copies of its outputs
   */
  public static List<Value> inline(Graph body, List<Value> arguments, Node node) {
    ModelCopy copy = new ModelCopy();
    for (int i = 0; i < body.inputs().size(); i++) {
      copy.values.put(body.inputs().get(i), i < arguments.size() ? arguments.get(i) : null);
    }
    for (Value value : body.values()) {
      if (!copy.values.containsKey(value)) {
        copy.fill(value, node.graph().newValue(value.name()));
      }
    }
    for (Node inner : body.nodes()) {
      List<Value> results = copy.ofAll(inner.outputs());
      String name =
          results.stream().filter(value -> value != null).findFirst().map(Value::name).orElse("");
      Node copied = node.graph().addNodeBefore(node, name, inner.operator(), results);
      copy.complete(inner, copied);
    }
    return copy.ofAll(body.outputs());
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
        .forEach((name, attribute) -> copy.setAttribute(name, copy(attribute, copy.graph())));
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
