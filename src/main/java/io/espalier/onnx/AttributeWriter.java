package io.espalier.onnx;

import com.google.protobuf.ByteString;
import io.espalier.graph.Attribute;
import io.espalier.graph.Tensor;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.AttributeProto.AttributeType;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;

/** Turns attributes into messages; what nobody changed is the very message it was read from. */
final class AttributeWriter {
  private final GraphWriter graphs;
  private final TensorWriter tensors;

  AttributeWriter(GraphWriter graphs, TensorWriter tensors) {
    this.graphs = graphs;
    this.tensors = tensors;
  }

  /** An attribute that was read as {@code original}. */
  AttributeProto attribute(AttributeProto proto, Attribute original, Attribute current) {
    if (current instanceof Attribute.TensorAttribute now
        && original instanceof Attribute.TensorAttribute before) {
      TensorProto tensor = tensors.tensor(proto.getT(), before.value(), now.value());
      return tensor == proto.getT() ? proto : proto.toBuilder().setT(tensor).build();
    }
    if (current instanceof Attribute.GraphAttribute now
        && original instanceof Attribute.GraphAttribute) {
      GraphProto graph = graphs.graph(now.value());
      return graph == proto.getG() ? proto : proto.toBuilder().setG(graph).build();
    }
    if (current instanceof Attribute.GraphsAttribute now && current.equals(original)) {
      return graphs(proto, now);
    }
    return current == original ? proto : attribute(proto.getName(), current);
  }

  private AttributeProto graphs(AttributeProto proto, Attribute.GraphsAttribute now) {
    AttributeProto.Builder builder = null;
    for (int i = 0; i < now.value().size(); i++) {
      GraphProto graph = graphs.graph(now.value().get(i));
      if (graph != proto.getGraphs(i)) {
        builder = builder == null ? proto.toBuilder() : builder;
        builder.setGraphs(i, graph);
      }
    }
    return builder == null ? proto : builder.build();
  }

  /** An attribute that was made here. */
  AttributeProto attribute(String name, Attribute attribute) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    if (attribute instanceof Attribute.FloatAttribute a) {
      proto.setType(AttributeType.FLOAT).setF(a.value());
    } else if (attribute instanceof Attribute.IntAttribute a) {
      proto.setType(AttributeType.INT).setI(a.value());
    } else if (attribute instanceof Attribute.StringAttribute a) {
      proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(a.value()));
    } else if (attribute instanceof Attribute.TensorAttribute a) {
      proto.setType(AttributeType.TENSOR).setT(fresh(a.value()));
    } else if (attribute instanceof Attribute.GraphAttribute a) {
      proto.setType(AttributeType.GRAPH).setG(graphs.graph(a.value()));
    } else if (attribute instanceof Attribute.FloatsAttribute a) {
      proto.setType(AttributeType.FLOATS).addAllFloats(a.value());
    } else if (attribute instanceof Attribute.IntsAttribute a) {
      proto.setType(AttributeType.INTS).addAllInts(a.value());
    } else if (attribute instanceof Attribute.StringsAttribute a) {
      proto.setType(AttributeType.STRINGS);
      a.value().forEach(value -> proto.addStrings(ByteString.copyFromUtf8(value)));
    } else if (attribute instanceof Attribute.TensorsAttribute a) {
      proto.setType(AttributeType.TENSORS);
      a.value().forEach(value -> proto.addTensors(fresh(value)));
    } else if (attribute instanceof Attribute.GraphsAttribute a) {
      proto.setType(AttributeType.GRAPHS);
      a.value().forEach(value -> proto.addGraphs(graphs.graph(value)));
    } else if (attribute instanceof Attribute.ReferenceAttribute a) {
      proto.setType(AttributeType.forNumber(a.kind())).setRefAttrName(a.parameter());
    } else if (attribute instanceof Attribute.OpaqueAttribute a) {
      return ((AttributeProto) a.origin()).toBuilder().setName(name).build();
    }
    return proto.build();
  }

  private TensorProto fresh(Tensor tensor) {
    return tensors.tensor(TensorProto.getDefaultInstance(), null, tensor);
  }
}
