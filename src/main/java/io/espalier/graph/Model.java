package io.espalier.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A graph with what surrounds it in a file: versions, functions, metadata. */
public final class Model {
  private static final long INITIALIZERS_ARE_CONSTANT = 4;

  private long irVersion;
  private final Map<String, Long> opsets;
  private final Graph graph;
  private final List<Function> functions;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Object origin;

  /**
   * A model.
   *
   * @param opsets the opset version of each domain; "" is the default ONNX domain
   */
  public Model(long irVersion, Map<String, Long> opsets, Graph graph, List<Function> functions) {
    this.irVersion = irVersion;
    this.opsets = new LinkedHashMap<>(opsets);
    this.graph = graph;
    this.functions = List.copyOf(functions);
  }

  public long irVersion() {
    return irVersion;
  }

  /** The opset version of each domain, "" for the default ONNX domain. */
  public Map<String, Long> opsets() {
    return Collections.unmodifiableMap(opsets);
  }

  /**
   * Imports an opset, or another version of it.
   *
   * @throws IllegalStateException for a model that was read: what comes in keeps its opsets
   */
  public void setOpset(String domain, long version) {
    if (origin != null) {
      throw new IllegalStateException("a model that was read keeps its opsets; copy it first");
    }
    opsets.put(domain, version);
  }

  /**
   * Brings the model to another opset of the default domain, a model that was read too, whose nodes
   * have the form of that opset by then, and to an IR version that knows it. Until IR version 4,
   * initializers are listed as inputs; beyond it they no longer are, since they could be fed then.
   */
  public void raise(long opset, long leastIrVersion) {
    opsets.put("", opset);
    if (irVersion < INITIALIZERS_ARE_CONSTANT && leastIrVersion >= INITIALIZERS_ARE_CONSTANT) {
      graph.initializers().stream().filter(Value::isGraphInput).forEach(graph::makeConstant);
    }
    irVersion = Math.max(irVersion, leastIrVersion);
  }

  public Graph graph() {
    return graph;
  }

  public List<Function> functions() {
    return functions;
  }

  /** The function that a node of this operator calls. */
  public Optional<Function> function(OperatorId id) {
    return functions.stream().filter(function -> function.id().equals(id)).findFirst();
  }

  /** Key and value strings about the model ({@code metadata_props}); may be changed. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Visits the main graph, the functions' bodies and every subgraph in them, outer ones first. */
  public void forEachGraph(Consumer<Graph> visitor) {
    List<Graph> pending = new ArrayList<>();
    pending.add(graph);
    functions.forEach(function -> pending.add(function.body()));
    for (int i = 0; i < pending.size(); i++) {
      Graph next = pending.get(i);
      visitor.accept(next);
      next.nodes().forEach(node -> pending.addAll(node.subgraphs()));
    }
  }

  /** What the reader of the format left for its writer; null for a model made here. */
  public Object origin() {
    return origin;
  }

  public void setOrigin(Object origin) {
    this.origin = origin;
  }
}
