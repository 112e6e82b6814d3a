package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of an operator. Inputs can be replaced, outputs are fixed. An absent optional input or
 * output is {@code null} in its list.
 */
public final class Node {
  private final Graph graph;
  private final String name;
  private final OperatorId operator;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs;
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();
  private Object origin;

  Node(Graph graph, String name, OperatorId operator, List<Value> outputs) {
    this.graph = graph;
    this.name = name;
    this.operator = operator;
    this.outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
    for (Value output : outputs) {
      if (output != null) {
        output.producedBy(this);
      }
    }
  }

  public Graph graph() {
    return graph;
  }

  /** The name, which may be empty; {@link #label} always says something. */
  public String name() {
    return name;
  }

  public OperatorId operator() {
    return operator;
  }

  public String opType() {
    return operator.opType();
  }

  /** Whether this calls {@code opType} of the default ONNX domain. */
  public boolean is(String opType) {
    return operator.domain().isEmpty() && operator.opType().equals(opType);
  }

  public List<Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /** The input at {@code index}; absent when it is {@code null} or the list is shorter. */
  public Optional<Value> input(int index) {
    return index < inputs.size() ? Optional.ofNullable(inputs.get(index)) : Optional.empty();
  }

  public List<Value> outputs() {
    return outputs;
  }

  /** Appends an input; {@code null} stands for one that is absent. */
  public void addInput(Value value) {
    if (value != null) {
      value.addUse(this, inputs.size());
    }
    inputs.add(value);
  }

  /** Makes {@code value}, or nothing if {@code null}, the input at {@code index}. */
  public void setInput(int index, Value value) {
    Value old = inputs.set(index, value);
    if (old != null) {
      old.removeUse(this, index);
    }
    if (value != null) {
      value.addUse(this, index);
    }
  }

  /** Drops the absent inputs at the end of the list. */
  public void trimInputs() {
    while (!inputs.isEmpty() && inputs.get(inputs.size() - 1) == null) {
      inputs.remove(inputs.size() - 1);
    }
  }

  void disconnect() {
    for (int i = 0; i < inputs.size(); i++) {
      setInput(i, null);
    }
    subgraphs().forEach(subgraph -> subgraph.nodes().forEach(Node::disconnect));
  }

  public Map<String, Attribute> attributes() {
    return Collections.unmodifiableMap(attributes);
  }

  public void setAttribute(String attribute, Attribute value) {
    attributes.put(attribute, value);
  }

  public void removeAttribute(String attribute) {
    attributes.remove(attribute);
  }

  /** The subgraphs in the node's attributes: the branches of {@code If}, the body of a loop. */
  public List<Graph> subgraphs() {
    List<Graph> found = new ArrayList<>();
    for (Attribute attribute : attributes.values()) {
      if (attribute instanceof Attribute.GraphAttribute one) {
        found.add(one.value());
      } else if (attribute instanceof Attribute.GraphsAttribute many) {
        found.addAll(many.value());
      }
    }
    return found;
  }

  /** The values of graphs around the subgraphs that nodes in them take. */
  public List<Value> captured() {
    List<Value> taken = new ArrayList<>();
    for (Graph subgraph : subgraphs()) {
      List<Value> inside = new ArrayList<>(subgraph.outputs());
      for (Node node : subgraph.nodes()) {
        inside.addAll(node.inputs());
        inside.addAll(node.captured());
      }
      inside.stream()
          .filter(value -> value != null && value.graph() != subgraph)
          .forEach(taken::add);
    }
    return taken;
  }

  /**
   * The int attribute of that name, or {@code absent} if the node has none.
   *
   * @throws MalformedModelException if the attribute is of another kind
   */
  public long intAttribute(String attribute, long absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.IntAttribute found) {
      return found.value();
    }
    throw wrongAttribute(attribute, "an int", value);
  }

  /** The ints attribute of that name, absent if the node has none. */
  public Optional<List<Long>> intsAttribute(String attribute) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Attribute.IntsAttribute found) {
      return Optional.of(found.value());
    }
    throw wrongAttribute(attribute, "a list of ints", value);
  }

  /**
   * The float attribute of that name, or {@code absent} if the node has none.
   *
   * @throws MalformedModelException if the attribute is of another kind
   */
  public float floatAttribute(String attribute, float absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.FloatAttribute found) {
      return found.value();
    }
    throw wrongAttribute(attribute, "a float", value);
  }

  /**
   * The string attribute of that name, or {@code absent} if the node has none.
   *
   * @throws MalformedModelException if the attribute is of another kind
   */
  public String stringAttribute(String attribute, String absent) {
    Attribute value = attributes.get(attribute);
    if (value == null) {
      return absent;
    }
    if (value instanceof Attribute.StringAttribute found) {
      return found.value();
    }
    throw wrongAttribute(attribute, "a string", value);
  }

  /** The tensor that a {@code Constant} node holds in its attribute {@code value}. */
  public Optional<Tensor> constant() {
    return is("Constant") && attributes.get("value") instanceof Attribute.TensorAttribute tensor
        ? Optional.of(tensor.value())
        : Optional.empty();
  }

  /** The name, or where that is empty the first output's. */
  public String nameOrOutput() {
    String known = name;
    for (Value output : outputs) {
      if (known.isEmpty() && output != null) {
        known = output.name();
      }
    }
    return known;
  }

  /** For messages: the node's name, or its first output's, and its operator. */
  public String label() {
    return "node " + nameOrOutput() + " (" + operator.opType() + ")";
  }

  /** What the reader of the format left for its writer; null for a node made here. */
  public Object origin() {
    return origin;
  }

  public void setOrigin(Object origin) {
    this.origin = origin;
  }

  @Override
  public String toString() {
    return label();
  }

  private MalformedModelException wrongAttribute(String attribute, String expected, Object found) {
    return new MalformedModelException(
        "%s, attribute '%s': expected %s, got %s"
            .formatted(label(), attribute, expected, found.getClass().getSimpleName()));
  }
}
