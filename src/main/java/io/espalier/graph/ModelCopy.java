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

  /** The value of the copy that stands for a value of the model. */
  public Value of(Value original) {
    return values.get(original);
  }

  /** The value of the model that a value of the copy stands for; null if it was made later. */
  public Value original(Value copied) {
    return originals.get(copied);
  }

  private Graph copy(Graph graph, Graph parent) {
    Graph copy = new Graph(graph.name(), parent);
    for (Value value : graph.values()) {
      Value copied = copy.declare(value.name());
      value.type().ifPresent(copied::setType);
      value.initializer().ifPresent(copied::setInitializer);
      values.put(value, copied);
      originals.put(copied, value);
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
