package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Nodes and the values between them. A subgraph (a branch, a loop's body) has a parent whose values
 * its nodes may use; a value of its own hides one of the same name outside.
 */
public final class Graph {
  private final String name;
  private final Graph parent;
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private Object origin;

  /** An empty graph; {@code parent} is null for the main graph and for a function's body. */
  public Graph(String name, Graph parent) {
    this.name = name;
    this.parent = parent;
  }

  public String name() {
    return name;
  }

  public Optional<Graph> parent() {
    return Optional.ofNullable(parent);
  }

  public List<Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  public List<Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** All values that this graph declares, in the order in which they were declared. */
  public Collection<Value> values() {
    return Collections.unmodifiableCollection(values.values());
  }

  /** The values that hold a tensor, in the order in which they were declared. */
  public List<Value> initializers() {
    return values.values().stream().filter(value -> value.initializer().isPresent()).toList();
  }

  /** The values with a {@link Value#constant}: the initializers, then those of Constant nodes. */
  public List<Value> constants() {
    List<Value> constants = new ArrayList<>(initializers());
    for (Node node : nodes) {
      if (node.constant().isPresent()) {
        node.outputs().stream().limit(1).filter(Objects::nonNull).forEach(constants::add);
      }
    }
    return constants;
  }

  /** The inputs that a caller has to feed: those without an initializer behind them. */
  public List<Value> requiredInputs() {
    return inputs.stream().filter(input -> input.initializer().isEmpty()).toList();
  }

  /** The value of that name, declared here or in the nearest graph around this one. */
  public Optional<Value> find(String valueName) {
    for (Graph scope = this; scope != null; scope = scope.parent) {
      Value found = scope.values.get(valueName);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /**
   * Declares a value of this graph.
   *
   * @throws MalformedModelException if the graph has one of that name
   */
  public Value declare(String valueName) {
    Value value = new Value(this, valueName);
    if (values.putIfAbsent(valueName, value) != null) {
      throw new MalformedModelException(
          "graph '%s': two values have the name '%s'".formatted(name, valueName));
    }
    return value;
  }

  /** Declares a value and appends it to the inputs. */
  public Value addInput(String valueName) {
    Value value = declare(valueName);
    inputs.add(value);
    return value;
  }

  /** Appends a value, of this graph or of one around it, to the outputs. */
  public void addOutput(Value value) {
    outputs.add(value);
  }

  /** Appends a node without inputs and attributes; {@code results} may hold nulls. */
  public Node addNode(String nodeName, OperatorId operator, List<Value> results) {
    Node node = new Node(this, nodeName, operator, results);
    nodes.add(node);
    return node;
  }

  /** What the reader of the format left for its writer; null for a graph made here. */
  public Object origin() {
    return origin;
  }

  public void setOrigin(Object origin) {
    this.origin = origin;
  }
}
