package io.espalier.onnx;

import com.google.protobuf.ByteString;
import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.AttributeProto.AttributeType;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.util.ArrayList;
import java.util.List;

/** Turns attribute messages into attributes. The kind is what {@code type} says. */
final class AttributeReader {
  private final GraphReader graphs;
  private final TensorReader tensors;

  AttributeReader(GraphReader graphs, TensorReader tensors) {
    this.graphs = graphs;
    this.tensors = tensors;
  }

  /** The attribute in {@code proto} of a node in {@code graph}; {@code where} names it. */
  Attribute read(AttributeProto proto, Graph graph, String where) {
    if (!proto.getRefAttrName().isEmpty()) {
      return new Attribute.ReferenceAttribute(proto.getRefAttrName(), proto.getType().getNumber());
    }
    return switch (kind(proto)) {
      case FLOAT -> new Attribute.FloatAttribute(proto.getF());
      case INT -> new Attribute.IntAttribute(proto.getI());
      case STRING -> new Attribute.StringAttribute(proto.getS().toStringUtf8());
      case TENSOR -> new Attribute.TensorAttribute(tensors.read(proto.getT(), where));
      case GRAPH -> new Attribute.GraphAttribute(graphs.read(proto.getG(), graph));
      case FLOATS -> new Attribute.FloatsAttribute(List.copyOf(proto.getFloatsList()));
      case INTS -> new Attribute.IntsAttribute(List.copyOf(proto.getIntsList()));
      case STRINGS ->
          new Attribute.StringsAttribute(
              proto.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case TENSORS -> new Attribute.TensorsAttribute(tensors(proto.getTensorsList(), where));
      case GRAPHS -> new Attribute.GraphsAttribute(graphs(proto.getGraphsList(), graph));
      default -> new Attribute.OpaqueAttribute(proto);
    };
  }

  private List<Tensor> tensors(List<TensorProto> protos, String where) {
    List<Tensor> read = new ArrayList<>();
    for (TensorProto proto : protos) {
      read.add(tensors.read(proto, where));
    }
    return read;
  }

  private List<Graph> graphs(List<GraphProto> protos, Graph parent) {
    List<Graph> read = new ArrayList<>();
    for (GraphProto proto : protos) {
      read.add(graphs.read(proto, parent));
    }
    return read;
  }

  /** The kind; files of IR version 1 have no {@code type}, there the field that is set decides. */
  private static AttributeType kind(AttributeProto proto) {
    if (proto.hasType() || !proto.getUnknownFields().asMap().isEmpty()) {
      return proto.getType();
    }
    if (proto.hasF()) {
      return AttributeType.FLOAT;
    } else if (proto.hasI()) {
      return AttributeType.INT;
    } else if (proto.hasS()) {
      return AttributeType.STRING;
    } else if (proto.hasT()) {
      return AttributeType.TENSOR;
    } else if (proto.hasG()) {
      return AttributeType.GRAPH;
    } else if (proto.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    } else if (proto.getIntsCount() > 0) {
      return AttributeType.INTS;
    } else if (proto.getStringsCount() > 0) {
      return AttributeType.STRINGS;
    }
    return AttributeType.UNDEFINED;
  }
}
