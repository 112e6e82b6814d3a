package io.espalier.onnx;

import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.SparseTensor;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.SparseTensorProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns graph messages into graphs, names into references. */
final class GraphReader {
  private final TensorReader tensors;
  private final AttributeReader attributes;

  GraphReader(TensorReader tensors) {
    this.tensors = tensors;
    this.attributes = new AttributeReader(this, tensors);
  }

  /** The graph in {@code proto}; nodes may use the values of {@code parent}, which may be null. */
  Graph read(GraphProto proto, Graph parent) {
    return read(proto, parent, Collections.nCopies(proto.getInitializerCount(), null));
  }

  /** The same; {@code raw} has, for each initializer, the contents left out of it, or null. */
  Graph read(GraphProto proto, Graph parent, List<ByteBuffer> raw) {
    Graph graph = new Graph(proto.getName(), parent);
    for (ValueInfoProto input : proto.getInputList()) {
      TypeReader.read(input)
          .ifPresentOrElse(
              type -> graph.addInput(input.getName()).setType(type),
              () -> graph.addInput(input.getName()));
    }
    readInitializers(proto, graph, raw);
    readNodes(proto.getNodeList(), graph);
    readOutputs(proto.getOutputList().stream().map(ValueInfoProto::getName).toList(), graph);
    readTypes(proto.getValueInfoList(), graph);
    readTypes(proto.getOutputList(), graph);
    graph.setOrigin(GraphOrigin.of(proto, graph));
    return graph;
  }

  private void readInitializers(GraphProto proto, Graph graph, List<ByteBuffer> raw) {
    for (int i = 0; i < proto.getInitializerCount(); i++) {
      TensorProto tensor = proto.getInitializer(i);
      String where = "initializer '" + tensor.getName() + "'";
      addInitializer(graph, tensor.getName(), tensors.read(tensor, raw.get(i), where));
    }
    for (SparseTensorProto sparse : proto.getSparseInitializerList()) {
      String where = "sparse initializer '" + sparse.getValues().getName() + "'";
      addInitializer(graph, sparse.getValues().getName(), readSparse(sparse, where));
    }
  }

  private SparseTensor readSparse(SparseTensorProto proto, String where) {
    Tensor values = tensors.read(proto.getValues(), where + ", values");
    Tensor indices = tensors.read(proto.getIndices(), where + ", indices");
    long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (indices.shape().rank() > 0 && indices.shape().dim(0) != values.shape().elements()) {
      throw new MalformedModelException(
          "%s: %d values, but %d positions"
              .formatted(where, values.shape().elements(), indices.shape().dim(0)));
    }
    return new SparseTensor(Shape.of(dims), values, indices);
  }

  private static void addInitializer(Graph graph, String name, Tensor tensor) {
    Value value =
        graph
            .find(name)
            .filter(known -> known.graph() == graph && known.initializer().isEmpty())
            .orElseGet(() -> graph.declare(name));
    value.setInitializer(tensor);
  }

  /** What a function's parameters are where a call does not say. */
  Map<String, Attribute> readDefaults(List<AttributeProto> protos, Graph body) {
    Map<String, Attribute> defaults = new LinkedHashMap<>();
    for (AttributeProto proto : protos) {
      String where = "function '" + body.name() + "', attribute '" + proto.getName() + "'";
      defaults.put(proto.getName(), attributes.read(proto, body, where));
    }
    return defaults;
  }

  /** Adds the nodes; first all outputs, since files need not be in topological order. */
  void readNodes(List<NodeProto> protos, Graph graph) {
    List<Node> nodes = new ArrayList<>(protos.size());
    for (NodeProto proto : protos) {
      List<Value> outputs = new ArrayList<>(proto.getOutputCount());
      for (String output : proto.getOutputList()) {
        outputs.add(output.isEmpty() ? null : graph.declare(output));
      }
      OperatorId operator =
          new OperatorId(proto.getDomain(), proto.getOpType(), proto.getOverload());
      nodes.add(graph.addNode(proto.getName(), operator, outputs));
    }
    for (int i = 0; i < nodes.size(); i++) {
      complete(nodes.get(i), protos.get(i), graph);
    }
  }

  private void complete(Node node, NodeProto proto, Graph graph) {
    for (String input : proto.getInputList()) {
      node.addInput(input.isEmpty() ? null : require(graph, input, node.label() + " takes"));
    }
    Map<String, Attribute> read = new LinkedHashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      String where = node.label() + ", attribute '" + attribute.getName() + "'";
      Attribute value = attributes.read(attribute, graph, where);
      node.setAttribute(attribute.getName(), value);
      read.put(attribute.getName(), value);
    }
    node.setOrigin(new NodeOrigin(proto, read));
  }

  void readOutputs(List<String> names, Graph graph) {
    for (String name : names) {
      graph.addOutput(require(graph, name, "an output is"));
    }
  }

  private static Value require(Graph graph, String name, String who) {
    return graph
        .find(name)
        .orElseThrow(
            () ->
                new MalformedModelException(
                    "graph '%s': %s '%s', which is no input, initializer or output of a node"
                        .formatted(graph.name(), who, name)));
  }

  private static void readTypes(List<ValueInfoProto> protos, Graph graph) {
    for (ValueInfoProto proto : protos) {
      graph
          .find(proto.getName())
          .filter(value -> value.graph() == graph)
          .ifPresent(value -> TypeReader.read(proto).ifPresent(value::setType));
    }
  }
}
