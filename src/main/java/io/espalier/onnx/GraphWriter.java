package io.espalier.onnx;

import io.espalier.graph.Attribute;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.FunctionProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.SparseTensorProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Turns graphs into messages; what nobody changed is the very message it was read from, what was
 * made here is written from nothing.
 */
final class GraphWriter {
  private final TensorWriter tensors;
  private final AttributeWriter attributes;

  GraphWriter(TensorWriter tensors) {
    this.tensors = tensors;
    this.attributes = new AttributeWriter(this, tensors);
  }

  /** The graph with all that is in it, but for its own dense initializers. */
  GraphProto withoutInitializers(Graph graph) {
    return structure(graph, GraphOrigin.of(graph).proto().toBuilder().clearInitializer());
  }

  /** A subgraph, initializers included. */
  GraphProto graph(Graph graph) {
    GraphProto origin = GraphOrigin.of(graph).proto();
    GraphProto.Builder builder = origin.toBuilder();
    List<TensorProto> initializers = new ArrayList<>();
    List<TensorPart> parts = tensors.initializers(graph);
    for (int i = 0; i < parts.size(); i++) {
      TensorProto whole = parts.get(i).whole();
      boolean same = i < origin.getInitializerCount() && whole.equals(origin.getInitializer(i));
      initializers.add(same ? origin.getInitializer(i) : whole);
    }
    if (!sameElements(initializers, origin.getInitializerList())) {
      builder.clearInitializer().addAllInitializer(initializers);
    }
    GraphProto written = structure(graph, builder);
    return graph.origin() != null && written.equals(origin) ? origin : written;
  }

  private GraphProto structure(Graph graph, GraphProto.Builder builder) {
    GraphOrigin origin = GraphOrigin.of(graph);
    if (graph.origin() == null && !graph.name().isEmpty()) {
      builder.setName(graph.name());
    }
    List<NodeProto> nodes = nodes(graph);
    if (!sameElements(nodes, origin.proto().getNodeList())) {
      builder.clearNode().addAllNode(nodes);
    }
    List<ValueInfoProto> inputs =
        TypeWriter.ports(graph.inputs(), origin.proto().getInputList(), origin);
    if (!sameElements(inputs, origin.proto().getInputList())) {
      builder.clearInput().addAllInput(inputs);
    }
    List<ValueInfoProto> outputs =
        TypeWriter.ports(graph.outputs(), origin.proto().getOutputList(), origin);
    if (!sameElements(outputs, origin.proto().getOutputList())) {
      builder.clearOutput().addAllOutput(outputs);
    }
    Map<String, Value> values = new HashMap<>();
    graph.values().forEach(value -> values.put(value.name(), value));
    List<ValueInfoProto> inner =
        TypeWriter.inner(values, origin.proto().getValueInfoList(), origin);
    if (!sameElements(inner, origin.proto().getValueInfoList())) {
      builder.clearValueInfo().addAllValueInfo(inner);
    }
    List<SparseTensorProto> sparse = tensors.sparse(graph);
    if (!sameElements(sparse, origin.proto().getSparseInitializerList())) {
      builder.clearSparseInitializer().addAllSparseInitializer(sparse);
    }
    return builder.build();
  }

  private List<NodeProto> nodes(Graph graph) {
    return graph.nodes().stream().map(this::node).toList();
  }

  private static <T> boolean sameElements(List<T> now, List<T> before) {
    boolean same = now.size() == before.size();
    for (int i = 0; same && i < now.size(); i++) {
      same = now.get(i) == before.get(i);
    }
    return same;
  }

  /** A function of {@code opsets}; a function's own attributes are those it was read with. */
  FunctionProto function(Function function, Map<String, Long> opsets) {
    Graph body = function.body();
    FunctionProto.Builder builder;
    if (body.origin() != null) {
      builder = ((FunctionProto) body.origin()).toBuilder();
    } else {
      builder =
          FunctionProto.newBuilder()
              .setDomain(function.id().domain())
              .setName(function.id().opType())
              .setOverload(function.id().overload())
              .addAllOpsetImport(OnnxWriter.opsetImports(opsets));
      function
          .defaults()
          .forEach((name, value) -> builder.addAttributeProto(attributes.attribute(name, value)));
      parameters(body)
          .filter(name -> !function.defaults().containsKey(name))
          .distinct()
          .forEach(builder::addAttribute);
    }
    return builder
        .clearInput()
        .addAllInput(names(body.inputs()))
        .clearOutput()
        .addAllOutput(names(body.outputs()))
        .clearNode()
        .addAllNode(nodes(body))
        .build();
  }

  /** The parameters that nodes of a function's body refer to. */
  private static Stream<String> parameters(Graph body) {
    return body.nodes().stream()
        .flatMap(
            node ->
                Stream.concat(
                    node.subgraphs().stream().flatMap(GraphWriter::parameters),
                    node.attributes().values().stream()
                        .filter(value -> value instanceof Attribute.ReferenceAttribute)
                        .map(value -> ((Attribute.ReferenceAttribute) value).parameter())));
  }

  private NodeProto node(Node node) {
    NodeOrigin origin = NodeOrigin.of(node);
    NodeProto.Builder builder = origin.proto().toBuilder();
    boolean changed = false;
    List<String> inputs = names(node.inputs());
    if (!inputs.equals(origin.proto().getInputList())) {
      builder.clearInput().addAllInput(inputs);
      changed = true;
    }
    List<String> outputs = names(node.outputs());
    if (!outputs.equals(origin.proto().getOutputList())) {
      builder.clearOutput().addAllOutput(outputs);
      changed = true;
    }
    List<AttributeProto> written = attributes(node, origin);
    if (!sameElements(written, origin.proto().getAttributeList())) {
      builder.clearAttribute().addAllAttribute(written);
      changed = true;
    }
    return changed ? builder.build() : origin.proto();
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(value -> value == null ? "" : value.name()).toList();
  }

  private List<AttributeProto> attributes(Node node, NodeOrigin origin) {
    Map<String, Attribute> remaining = new LinkedHashMap<>(node.attributes());
    List<AttributeProto> written = new ArrayList<>();
    for (AttributeProto before : origin.proto().getAttributeList()) {
      Attribute now = node.attributes().get(before.getName());
      remaining.remove(before.getName());
      if (now != null) {
        Attribute original = origin.attributes().get(before.getName());
        written.add(attributes.attribute(before, original, now));
      }
    }
    remaining.forEach((name, made) -> written.add(attributes.attribute(name, made)));
    return written;
  }
}
