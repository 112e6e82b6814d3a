package io.espalier.onnx;

import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.onnx.proto.OnnxProto.FunctionProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.OperatorSetIdProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns a model message into a model. */
final class ModelReader {
  private static final long OPSETS_SINCE_IR_VERSION = 3;

  private final GraphReader graphs;

  ModelReader(ExternalData externalData) {
    this.graphs = new GraphReader(new TensorReader(externalData));
  }

  /**
   * The model in {@code proto}.
   *
   * @param raw what its skeleton left out
   */
  Model read(ModelProto proto, List<ByteBuffer> raw) {
    Map<String, Long> opsets = new LinkedHashMap<>();
    for (OperatorSetIdProto opset : proto.getOpsetImportList()) {
      opsets.put(OperatorId.defaultDomain(opset.getDomain()), opset.getVersion());
    }
    if (!proto.hasIrVersion()) {
      throw new MalformedModelException("the model has no IR version");
    }
    if (opsets.isEmpty()) {
      if (proto.getIrVersion() >= OPSETS_SINCE_IR_VERSION) {
        throw new MalformedModelException("the model imports no operator set");
      }
      opsets.put("", 1L);
    }
    List<Function> functions = new ArrayList<>();
    for (FunctionProto function : proto.getFunctionsList()) {
      functions.add(function(function));
    }
    Graph graph = graphs.read(proto.getGraph(), null, raw);
    Model model = new Model(proto.getIrVersion(), opsets, graph, functions);
    for (StringStringEntryProto entry : proto.getMetadataPropsList()) {
      model.metadata().put(entry.getKey(), entry.getValue());
    }
    model.setOrigin(proto);
    return model;
  }

  private Function function(FunctionProto proto) {
    Graph body = new Graph(proto.getName(), null);
    proto.getInputList().forEach(body::addInput);
    graphs.readNodes(proto.getNodeList(), body);
    graphs.readOutputs(proto.getOutputList(), body);
    body.setOrigin(proto);
    OperatorId id = new OperatorId(proto.getDomain(), proto.getName(), proto.getOverload());
    return new Function(id, body, graphs.readDefaults(proto.getAttributeProtoList(), body));
  }
}
