package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What flows along an edge of the graph: a graph input, an initializer or an output of a node. An
 * initializer that is also listed among the graph's inputs is one value that is both.
 */
public final class Value {
  private final Graph graph;
  private String name;
  private final List<Use> uses = new ArrayList<>();
  private TensorType type;
  private Tensor initializer;
  private Node producer;

  Value(Graph graph, String name) {
    this.graph = graph;
    this.name = name;
  }

  /** One input slot of a node that takes the value. */
  public record Use(Node node, int index) {}

  /** The graph that declares the value; nodes of its subgraphs may use it too. */
  public Graph graph() {
    return graph;
  }

  public String name() {
    return name;
  }

  /** The declared type, absent when none is declared or the value is not a tensor. */
  public Optional<TensorType> type() {
    return Optional.ofNullable(type);
  }

  public void setType(TensorType type) {
    this.type = type;
  }

  /** The node that computes the value; absent for graph inputs and initializers. */
  public Optional<Node> producer() {
    return Optional.ofNullable(producer);
  }

  /** The tensor that an initializer holds. */
  public Optional<Tensor> initializer() {
    return Optional.ofNullable(initializer);
  }

  /**
   * The tensor, where it is known without running the graph: that of an initializer, or that of a
   * {@code Constant} node.
   */
  public Optional<Tensor> constant() {
    return initializer != null ? initializer() : producer().flatMap(Node::constant);
  }

  /** Gives the value a tensor, which makes it an initializer, or replaces the one it has. */
  public void setInitializer(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    if (producer != null) {
      throw new IllegalStateException(name + " is computed by " + producer.label());
    }
    initializer = tensor;
  }

  /** Takes the tensor away from an initializer; what remains has to be an input, to be fed. */
  public void removeInitializer() {
    initializer = null;
  }

  /** The input slots that take the value, in this graph and in subgraphs. */
  public List<Use> uses() {
    return Collections.unmodifiableList(uses);
  }

  /** Whether the value is one of its graph's outputs. */
  public boolean isGraphOutput() {
    return graph.outputs().contains(this);
  }

  /** Whether the value is one of its graph's inputs. */
  public boolean isGraphInput() {
    return graph.inputs().contains(this);
  }

  /**
   * Lets every node that takes this value take {@code other} instead, in subgraphs too. Outputs of
   * graphs stay, since they are found by name.
   */
  public void replaceUsesWith(Value other) {
    for (Use use : List.copyOf(uses)) {
      use.node().setInput(use.index(), other);
    }
  }

  void setName(String name) {
    this.name = name;
  }

  void producedBy(Node node) {
    if (producer != null || initializer != null) {
      throw new MalformedModelException(
          "value '%s': written twice, last by %s".formatted(name, node.label()));
    }
    producer = node;
  }

  void producedByNone() {
    producer = null;
  }

  void addUse(Node node, int index) {
    uses.add(new Use(node, index));
  }

  void removeUse(Node node, int index) {
    uses.remove(new Use(node, index));
  }

  @Override
  public String toString() {
    return name;
  }
}
