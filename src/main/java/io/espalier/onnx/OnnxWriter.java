package io.espalier.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.espalier.graph.Function;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.OperatorSetIdProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes models: elements that {@link OnnxFile} read and nobody changed as they were, changed ones
 * from their original message, those that were made here from nothing. Large tensors go through in
 * pieces and are never held whole.
 *
 * <p>What an {@link ExternalDataPolicy} makes external data, {@link #writeExternalData} writes to
 * one file, in the order of the initializers, before {@link #write} writes the model that refers to
 * it.
 */
public final class OnnxWriter {
  private final ExternalDataPolicy policy;
  private final List<TensorPart> initializers = new ArrayList<>();
  private ModelProto proto;
  private ExternalDataLayout layout;

  /** As the other, with {@link ExternalDataPolicy#KEEP}. */
  public OnnxWriter(Model model, String externalLocation) {
    this(model, externalLocation, ExternalDataPolicy.KEEP);
  }

  /**
   * Prepares to write {@code model}.
   *
   * @param externalLocation what the model will call its file of external data, if it has any
   */
  public OnnxWriter(Model model, String externalLocation, ExternalDataPolicy policy) {
    this.policy = policy;
    prepare(model, externalLocation, policy);
    if (policy.from().isEmpty() && unlimitedSize() > policy.limit()) {
      prepare(model, externalLocation, ExternalDataPolicy.from(ExternalDataPolicy.USUAL_FROM));
    }
  }

  private void prepare(Model model, String externalLocation, ExternalDataPolicy now) {
    layout = new ExternalDataLayout(externalLocation);
    initializers.clear();
    TensorWriter tensors = new TensorWriter(layout, now);
    GraphWriter graphs = new GraphWriter(tensors);
    ModelProto.Builder builder = start(model);
    initializers.addAll(tensors.initializers(model.graph()));
    builder.setGraph(graphs.withoutInitializers(model.graph()));
    builder.clearFunctions();
    for (Function function : model.functions()) {
      builder.addFunctions(graphs.function(function, model.opsets()));
    }
    setMetadata(builder, model.metadata());
    proto = builder.build();
  }

  /** What the model was read from or, for one that was made here, its versions. */
  private static ModelProto.Builder start(Model model) {
    return model.origin() != null
        ? raised(((ModelProto) model.origin()).toBuilder(), model)
        : ModelProto.newBuilder()
            .setIrVersion(model.irVersion())
            .setProducerName("espalier")
            .addAllOpsetImport(opsetImports(model.opsets()));
  }

  /** With the versions that the model has now. */
  private static ModelProto.Builder raised(ModelProto.Builder builder, Model model) {
    if (builder.getIrVersion() != model.irVersion()) {
      builder.setIrVersion(model.irVersion());
    }
    for (OperatorSetIdProto.Builder opset : builder.getOpsetImportBuilderList()) {
      long version = model.opsets().get(OperatorId.defaultDomain(opset.getDomain()));
      if (opset.getVersion() != version) {
        opset.setVersion(version);
      }
    }
    return builder;
  }

  static List<OperatorSetIdProto> opsetImports(Map<String, Long> opsets) {
    List<OperatorSetIdProto> imports = new ArrayList<>();
    opsets.forEach(
        (domain, version) ->
            imports.add(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build()));
    return imports;
  }

  private static void setMetadata(ModelProto.Builder builder, Map<String, String> metadata) {
    for (StringStringEntryProto.Builder entry : builder.getMetadataPropsBuilderList()) {
      String value = metadata.get(entry.getKey());
      if (value != null && !value.equals(entry.getValue())) {
        entry.setValue(value);
      }
    }
    List<String> present =
        builder.getMetadataPropsList().stream().map(StringStringEntryProto::getKey).toList();
    metadata.forEach(
        (key, value) -> {
          if (!present.contains(key)) {
            builder.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value));
          }
        });
  }

  /** Whether some tensors go to a file of external data. */
  public boolean hasExternalData() {
    return !layout.isEmpty();
  }

  /** Writes the file of external data. */
  public void writeExternalData(WritableByteChannel channel) throws IOException {
    layout.write(channel);
  }

  /**
   * Bytes of the model file, external data not counted.
   *
   * @throws UnsupportedModelException from 2 GiB on, where protobuf ends
   */
  public long size() {
    long size = unlimitedSize();
    if (size > policy.limit()) {
      throw new UnsupportedModelException(
          "the model would take "
              + size
              + " bytes; a protobuf file ends at 2 GiB, larger models keep their weights as"
              + " external data");
    }
    return size;
  }

  private long unlimitedSize() {
    long graph = graphSize();
    return proto.toBuilder().clearGraph().build().getSerializedSize()
        + CodedOutputStream.computeTagSize(ModelProto.GRAPH_FIELD_NUMBER)
        + CodedOutputStream.computeUInt64SizeNoTag(graph)
        + graph;
  }

  private long graphSize() {
    long size = proto.getGraph().getSerializedSize();
    for (TensorPart part : initializers) {
      size = Math.addExact(size, part.framedSize(GraphProto.INITIALIZER_FIELD_NUMBER));
    }
    return size;
  }

  /** Writes the model file. */
  public void write(WritableByteChannel channel) throws IOException {
    try (MessageSink sink = new MessageSink(channel, size())) {
      GraphProto graph = proto.getGraph();
      Message.Builder[] around = Fields.split(proto, ModelProto.GRAPH_FIELD_NUMBER);
      Message.Builder[] inside = Fields.split(graph, GraphProto.INITIALIZER_FIELD_NUMBER);
      sink.message(around[0].build());
      sink.tag(ModelProto.GRAPH_FIELD_NUMBER, graphSize());
      sink.message(inside[0].build());
      for (TensorPart part : initializers) {
        part.writeFramed(GraphProto.INITIALIZER_FIELD_NUMBER, sink);
      }
      sink.message(inside[1].build());
      sink.message(around[1].build());
    }
  }
}
