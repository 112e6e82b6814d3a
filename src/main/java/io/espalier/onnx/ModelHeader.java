package io.espalier.onnx;

import io.espalier.graph.Model;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.util.List;

/**
 * What a model file says about itself that no stage computes with. A text is empty, and the version
 * 0, where the file says nothing.
 *
 * @param domain the model's own namespace, in reverse DNS notation
 * @param inputs of the main graph as declared, those with an initializer included
 */
public record ModelHeader(
    String producerName,
    String producerVersion,
    String domain,
    long modelVersion,
    String docString,
    String graphDocString,
    List<Declaration> inputs,
    List<Declaration> outputs) {

  /**
   * A graph's input or output.
   *
   * @param type as in {@code float[N,1,28,28]} or {@code sequence(int64[])}
   */
  public record Declaration(String name, String type) {}

  public ModelHeader {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The header of a model that was read by {@link OnnxFile}. */
  public static ModelHeader of(Model model) {
    ModelProto proto = (ModelProto) model.origin();
    return new ModelHeader(
        proto.getProducerName(),
        proto.getProducerVersion(),
        proto.getDomain(),
        proto.getModelVersion(),
        proto.getDocString(),
        proto.getGraph().getDocString(),
        declarations(proto.getGraph().getInputList()),
        declarations(proto.getGraph().getOutputList()));
  }

  private static List<Declaration> declarations(List<ValueInfoProto> values) {
    return values.stream()
        .map(value -> new Declaration(value.getName(), TypeText.of(value.getType())))
        .toList();
  }
}
