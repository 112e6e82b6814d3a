package io.espalier.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
  private static final UnknownFieldSet UNKNOWN =
      UnknownFieldSet.newBuilder()
          .addField(9999, UnknownFieldSet.Field.newBuilder().addVarint(42).build())
          .build();

  static Stream<Path> realModels() throws IOException {
    List<Path> models = new ArrayList<>();
    for (Path folder : List.of(Path.of("models"), Path.of("../shared/data/onnx"))) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files.filter(file -> file.toString().endsWith(".onnx")).sorted().forEach(models::add);
        }
      }
    }
    return models.stream();
  }

  @ParameterizedTest
  @MethodSource("realModels")
  void writesWhatProtobufWouldWrite(Path file) throws IOException {
    byte[] expected = ModelProto.parseFrom(Files.readAllBytes(file)).toByteArray();
    try (OnnxFile onnx = OnnxFile.open(file)) {
      assertArrayEquals(expected, write(onnx));
    }
  }

  @Test
  void keepsUnknownFieldsEverywhere() throws IOException {
    ModelProto.Builder model = Models.perceptron().setUnknownFields(UNKNOWN);
    GraphProto.Builder graph = model.getGraphBuilder().setUnknownFields(UNKNOWN);
    graph.getNodeBuilder(3).setUnknownFields(UNKNOWN);
    graph.getNodeBuilder(3).getAttributeBuilder(0).setUnknownFields(UNKNOWN);
    graph.getInitializerBuilder(0).setUnknownFields(UNKNOWN);
    graph.getInputBuilder(0).setUnknownFields(UNKNOWN);
    assertArrayEquals(model.build().toByteArray(), write(open(model.build())));
  }

  @Test
  void changesNothingButTheReplacedTensor() throws IOException {
    ModelProto.Builder model = Models.perceptron().setUnknownFields(UNKNOWN);
    model.getGraphBuilder().getInitializerBuilder(0).setUnknownFields(UNKNOWN).setDocString("doc");
    OnnxFile file = open(model.build());
    file.model()
        .graph()
        .find("w1")
        .orElseThrow()
        .setInitializer(ArrayTensor.of(Shape.of(8, 16), new float[128]));

    ModelProto written = ModelProto.parseFrom(write(file));

    model
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .setRawData(ByteString.copyFrom(new byte[4 * 128]));
    assertEquals(model.build(), written);
  }

  @Test
  void writesTypedDataAsRawOnceReplaced() throws IOException {
    ModelProto.Builder model = Models.perceptron();
    TensorProto.Builder typed = model.getGraphBuilder().getInitializerBuilder(1).clearRawData();
    for (int i = 0; i < 16; i++) {
      typed.addFloatData(i);
    }
    OnnxFile file = open(model.build());
    Value bias = file.model().graph().find("b1").orElseThrow();
    assertEquals(5f, bias.initializer().orElseThrow().bytes().getFloat(5 * 4));
    float[] elements = new float[16];
    elements[3] = 7;
    bias.setInitializer(ArrayTensor.of(Shape.of(16), elements));

    TensorProto written = ModelProto.parseFrom(write(file)).getGraph().getInitializer(1);

    assertEquals(0, written.getFloatDataCount());
    assertEquals(64, written.getRawData().size());
  }

  @Test
  void writesReplacedTensorsInsideSubgraphs() throws IOException {
    NodeProto constant =
        NodeProto.newBuilder()
            .setOpType("Constant")
            .addOutput("c")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("value")
                    .setType(AttributeProto.AttributeType.TENSOR)
                    .setT(Models.random("", 5, 3)))
            .build();
    GraphProto branch =
        GraphProto.newBuilder()
            .setName("then")
            .addNode(constant)
            .addNode(Models.node("Mul", "mul", List.of("c", "k"), "out"))
            .addInitializer(Models.random("k", 6, 3))
            .addOutput(ValueInfoProto.newBuilder().setName("out"))
            .build();
    AttributeProto.Builder graph =
        AttributeProto.newBuilder().setType(AttributeProto.AttributeType.GRAPH).setG(branch);
    ModelProto.Builder model = Models.perceptron();
    model
        .getGraphBuilder()
        .addInitializer(
            TensorProto.newBuilder().setName("yes").setDataType(9).addInt32Data(1).build())
        .addNode(
            Models.node("If", "if", List.of("yes"), "either").toBuilder()
                .addAttribute(graph.setName("then_branch"))
                .addAttribute(graph.setName("else_branch")));
    OnnxFile file = open(model.build());
    assertArrayEquals(model.build().toByteArray(), write(file));

    Node branching = file.model().graph().nodes().get(4);
    Graph then = branching.subgraphs().get(0);
    ArrayTensor ones = ArrayTensor.of(Shape.of(3), 1, 1, 1f);
    then.nodes().get(0).setAttribute("value", new Attribute.TensorAttribute(ones));
    then.find("k").orElseThrow().setInitializer(ones);
    GraphProto written =
        ModelProto.parseFrom(write(file)).getGraph().getNode(4).getAttribute(0).getG();

    ByteString raw = ByteString.copyFrom(ones.bytes());
    assertEquals(raw, written.getNode(0).getAttribute(0).getT().getRawData());
    assertEquals(raw, written.getInitializer(0).getRawData());
    assertEquals(
        branch, ModelProto.parseFrom(write(file)).getGraph().getNode(4).getAttribute(1).getG());
  }

  @Test
  void addsMetadataAtTheEnd() throws IOException {
    OnnxFile file = open(Models.perceptron().build());
    file.model().metadata().put("espalier.version", "1");
    ModelProto written = ModelProto.parseFrom(write(file));
    assertEquals("espalier.version", written.getMetadataProps(0).getKey());
    assertTrue(
        written.toBuilder().clearMetadataProps().build().equals(Models.perceptron().build()));
  }

  static OnnxFile open(ModelProto model) {
    return OnnxFile.open(ByteBuffer.wrap(model.toByteArray()), Path.of("test.onnx"));
  }

  static byte[] write(OnnxFile file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OnnxWriter writer = new OnnxWriter(file.model(), "test.onnx.data");
    writer.write(Channels.newChannel(out));
    assertEquals(writer.size(), out.size());
    return out.toByteArray();
  }
}
