package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

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
  private final Map<String, Integer> copies = new HashMap<>();
  private final Set<String> nodeNames = new HashSet<>();
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

  /**
   * Declares a value under a name that no value from here to the main graph has, and no node of
   * this graph: {@code wanted} itself or, if that is taken, {@code wanted_1} and so on.
   */
  public Value newValue(String wanted) {
    return declare(freeName(wanted));
  }

  private String freeName(String wanted) {
    String candidate = wanted;
    while (find(candidate).isPresent() || nodeNames.contains(candidate)) {
      candidate = wanted + "_" + copies.merge(wanted, 1, Integer::sum);
    }
    return candidate;
  }

  /** Gives a value of this graph another name, numbered if that is taken. */
  public void rename(Value value, String wanted) {
    requireOwn(value);
    values.remove(value.name());
    value.setName(freeName(wanted));
    values.put(value.name(), value);
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
    nodeNames.add(nodeName);
    nodes.add(node);
    return node;
  }

  /** As {@link #addNode}, but in front of {@code next}. */
  public Node addNodeBefore(Node next, String nodeName, OperatorId operator, List<Value> results) {
    int index = nodes.indexOf(next);
    if (index < 0) {
      throw new IllegalArgumentException(next.label() + " is not in graph '" + name + "'");
    }
    Node node = new Node(this, nodeName, operator, results);
    nodeNames.add(nodeName);
    nodes.add(index, node);
    return node;
  }

  /**
   * Puts a node of another operator, without inputs and attributes, in the place of {@code old}.
   *
   * @param outputs of the new node: outputs of {@code old}, which keep their names and uses, and
   *     new values; outputs of {@code old} that are not among them are removed
   * @throws IllegalStateException if one of those that are removed is still used
   */
  public Node replace(Node old, OperatorId operator, List<Value> outputs) {
    int index = nodes.indexOf(old);
    if (index < 0) {
      throw new IllegalArgumentException(old.label() + " is not in graph '" + name + "'");
    }
    List<Value> dropped =
        old.outputs().stream().filter(value -> value != null && !outputs.contains(value)).toList();
    dropped.forEach(Graph::requireUnused);
    old.disconnect();
    for (Value output : old.outputs()) {
      if (output != null) {
        output.producedByNone();
      }
    }
    dropped.forEach(value -> values.remove(value.name()));
    Node node = new Node(this, old.name(), operator, outputs);
    nodes.set(index, node);
    return node;
  }

  /** Makes the only output of a node an initializer that holds {@code result}. */
  public void fold(Node node, Tensor result) {
    if (node.outputs().size() != 1 || !nodes.remove(node)) {
      throw new IllegalArgumentException(
          node.label() + " is not in graph '" + name + "', or has several outputs");
    }
    node.disconnect();
    Value output = node.outputs().get(0);
    output.producedByNone();
    output.setInitializer(result);
    output.setType(TensorType.of(result));
  }

  /**
   * Removes a node with its outputs.
   *
   * @throws IllegalStateException if one of its outputs is still used
   */
  public void remove(Node node) {
    for (Value output : node.outputs()) {
      if (output != null) {
        requireUnused(output);
      }
    }
    if (!nodes.remove(node)) {
      throw new IllegalArgumentException(node.label() + " is not in graph '" + name + "'");
    }
    node.disconnect();
    for (Value output : node.outputs()) {
      if (output != null) {
        values.remove(output.name());
      }
    }
  }

  /**
   * Removes a node and lets other values of this graph stand for its outputs: where those are used,
   * and among the graph's outputs, under their names.
   *
   * @param by a value for each output; one that stands for an output of the graph is computed, and
   *     no output itself
   */
  public void substitute(Node node, List<Value> by) {
    Map<Value, Value> renamed = new LinkedHashMap<>();
    for (int i = 0; i < by.size(); i++) {
      Value output = node.outputs().get(i);
      if (output != null) {
        Value value = by.get(i);
        if (output.isGraphOutput()) {
          requireOwn(value);
          renamed.put(output, value);
        }
        output.replaceUsesWith(value);
      }
    }
    setOutputs(outputs.stream().map(value -> renamed.getOrDefault(value, value)).toList());
    remove(node);
    renamed.forEach(
        (output, value) -> {
          values.remove(value.name());
          value.setName(output.name());
          values.put(output.name(), value);
        });
  }

  /**
   * Removes an initializer or an input.
   *
   * @throws IllegalStateException if it is still used
   */
  public void remove(Value value) {
    requireOwn(value);
    requireUnused(value);
    if (value.producer().isPresent()) {
      throw new IllegalStateException(value + " is computed; its node has to be removed");
    }
    inputs.remove(value);
    values.remove(value.name());
  }

  private void requireOwn(Value value) {
    if (value.graph() != this || values.get(value.name()) != value) {
      throw new IllegalArgumentException(value + " is not declared by graph '" + name + "'");
    }
  }

  private static void requireUnused(Value value) {
    if (!value.uses().isEmpty() || value.isGraphOutput()) {
      throw new IllegalStateException(value + " is still used");
    }
  }

  /** Makes these values, of this graph or of one around it, the outputs. */
  public void setOutputs(List<Value> values) {
    List<Value> replaced = List.copyOf(values);
    outputs.clear();
    outputs.addAll(replaced);
  }

  /** Takes an initializer off the inputs: it can no longer be fed. */
  public void makeConstant(Value value) {
    requireOwn(value);
    if (value.initializer().isEmpty()) {
      throw new IllegalStateException(value + " has no tensor");
    }
    inputs.remove(value);
  }

  /** Lets an initializer or a new value be fed: appends it to the inputs. */
  public void makeInput(Value value) {
    requireOwn(value);
    if (value.producer().isPresent()) {
      throw new IllegalStateException(value + " is computed by " + value.producer().get().label());
    }
    if (!inputs.contains(value)) {
      inputs.add(value);
    }
  }

  /** What the reader of the format left for its writer; null for a graph made here. */
  public Object origin() {
    return origin;
  }

  public void setOrigin(Object origin) {
    this.origin = origin;
  }
}
