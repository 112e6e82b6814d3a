package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.espalier.Golden;
import io.espalier.graph.MalformedModelException;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.FunctionProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.OperatorSetIdProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.onnx.proto.OnnxProto.TypeProto;
import io.espalier.onnx.proto.OnnxProto.ValueInfoProto;
import io.espalier.report.Inspection;
import io.espalier.report.InspectionText;
import io.espalier.report.Json;
import io.espalier.report.Paint;
import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectorTest {
  @TempDir Path folder;

  private Inspection inspect(ModelProto.Builder model) throws IOException {
    Path file = folder.resolve("m.onnx");
    Files.write(file, model.build().toByteArray());
    return Inspector.inspect(file, Listener.NONE);
  }

  /** A model with something of everything: one that onnxruntime could not open. */
  static ModelProto.Builder rich() {
    ModelProto.Builder model = Models.perceptron();
    TypeProto words =
        TypeProto.newBuilder()
            .setSequenceType(
                TypeProto.Sequence.newBuilder()
                    .setElemType(
                        TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(8))))
            .build();
    GraphProto.Builder graph = model.getGraphBuilder();
    graph
        .addInput(Models.value("w1", 8, 16))
        .addInput(ValueInfoProto.newBuilder().setName("words").setType(words))
        .addNode(
            Models.node("Strange", "odd", List.of("words", "table"), "z").toBuilder()
                .setDomain("my.own"))
        .addInitializer(Models.random("table", 5, 10, 16))
        .addInitializer(
            TensorProto.newBuilder()
                .setName("hello")
                .setDataType(8)
                .addDims(1)
                .addStringData(ByteString.copyFromUtf8("hello")))
        .setDocString("sees \u001b[2J nothing");
    return model
        .setProducerName("test")
        .setProducerVersion("1.5")
        .setDomain("org.example")
        .setModelVersion(3)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("my.own").setVersion(2))
        .addFunctions(
            FunctionProto.newBuilder()
                .setDomain("my.own")
                .setName("Twice")
                .addInput("a")
                .addOutput("b")
                .addNode(Models.node("Add", "", List.of("a", "a"), "b")))
        .addMetadataProps(entry("author", "somebody"))
        .addMetadataProps(entry("espalier.version", "0.1.0"))
        .addMetadataProps(entry("espalier.input.sha256", "ab".repeat(32)))
        .addMetadataProps(entry("espalier.recipe", "prune --sparsity 0.5"));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @Test
  void findsEverythingInAModelThatCannotRun() throws IOException {
    Inspection found = inspect(rich());
    assertEquals(
        List.of(new Inspection.Opset("ai.onnx", 13), new Inspection.Opset("my.own", 2)),
        found.opsets());
    assertEquals(
        List.of(
            new Inspection.Port("x", "float[N,8]", false),
            new Inspection.Port("w1", "float[8,16]", true),
            new Inspection.Port("words", "sequence(string[...])", false)),
        found.inputs());
    assertEquals(6, found.nodes().total());
    assertEquals(1, found.nodes().functions());
    assertEquals(new Inspection.Operator("Add", 2), found.nodes().operators().get(0));
    assertEquals(List.of(new Inspection.Function("my.own.Twice", 1)), found.functions());
    assertEquals("0.1.0", found.made().version());
    assertEquals(Map.of("author", "somebody"), found.metadata());
    assertEquals(128 + 16 + 64 + 4 + 160, found.parameters().total());
    assertEquals(128 + 64, found.parameters().prunable());
  }

  @Test
  void saysWhyAWeightIsLeftAlone() throws IOException {
    List<Inspection.Weight> weights = inspect(rich()).weights();
    assertEquals(List.of("w1", "w2", "table"), weights.stream().map(w -> w.name()).toList());
    Inspection.Weight table = weights.get(2);
    assertEquals("node odd (Strange) does not use it as a weight", table.reason());
    assertEquals(List.of(new Inspection.User("odd", "my.own.Strange")), table.usedBy());
    assertTrue(weights.get(0).prunable());
    assertNull(weights.get(0).reason());
  }

  @Test
  void countsZerosAndRefusesWhatIsNotFinite() throws IOException {
    ModelProto.Builder model = Models.perceptron();
    GraphProto.Builder graph = model.getGraphBuilder();
    TensorProto.Builder weight =
        TensorProto.newBuilder().setName("w1").setDataType(1).addDims(8).addDims(16);
    for (int i = 0; i < 128; i++) {
      weight.addFloatData(i < 32 ? -0.0f : i == 100 ? Float.NaN : 1);
    }
    graph.setInitializer(0, weight);
    Inspection.Weight found = inspect(model).weights().get(0);
    assertEquals(96, found.nonzero());
    assertEquals(0.25, found.sparsity());
    assertEquals("1 of its elements are NaN or infinite", found.reason());
  }

  @Test
  void readsArchives() throws IOException {
    Path plain = folder.resolve("p.onnx");
    Files.write(plain, Models.perceptron().build().toByteArray());
    Path packed = folder.resolve("p.onnx.xz");
    Compression.XZ.compress(plain, packed);
    Inspection.File file = Inspector.inspect(packed, Listener.NONE).file();
    assertEquals("xz", file.compression());
    assertEquals(Files.size(packed), file.bytes());
    assertEquals(Files.size(plain), file.expandedBytes());
  }

  @Test
  void refusesWhatIsNoModel() throws IOException {
    Path file = Files.writeString(folder.resolve("no.onnx"), "no model");
    assertThrows(MalformedModelException.class, () -> Inspector.inspect(file, Listener.NONE));
  }

  @Test
  void textIsAsItWas() throws IOException {
    Golden.check("inspect.txt", text(inspect(rich()), 80));
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 140})
  void textFitsTheWidth(int width) throws IOException {
    Inspection found = inspect(rich());
    text(found, width).lines().forEach(line -> assertTrue(line.length() <= width, line));
  }

  private String text(Inspection found, int width) {
    return InspectionText.render(found, width, Paint.NONE).replace(folder.toString() + "/", "");
  }

  @Test
  void jsonBeginsWithItsVersion() throws IOException {
    JsonObject json = JsonParser.parseString(Json.of(inspect(rich()))).getAsJsonObject();
    assertEquals("schemaVersion", json.keySet().iterator().next());
    assertEquals(
        "w1", json.getAsJsonArray("weights").get(0).getAsJsonObject().get("name").getAsString());
  }
}
