package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.espalier.graph.ModelException;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.report.ModelDifference;
import io.espalier.report.Report;
import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparerTest {
  @TempDir Path folder;

  private Path write(String name, ModelProto.Builder model) throws IOException {
    return Files.write(folder.resolve(name), model.build().toByteArray());
  }

  private ModelDifference compare(ModelProto.Builder a, ModelProto.Builder b) throws IOException {
    return compare(new RecipeOptions(), write("a.onnx", a), write("b.onnx", b));
  }

  private static ModelDifference compare(RecipeOptions options, Path a, Path b) throws IOException {
    return Comparer.compare(options.comparison(a, b), Listener.NONE);
  }

  @Test
  void modelAndItsArchiveAreTheSame() throws IOException {
    Path plain = write("a.onnx", Models.perceptron());
    Path packed = folder.resolve("a.onnx.gz");
    Compression.GZIP.compress(plain, packed);
    ModelDifference found = compare(new RecipeOptions(), plain, packed);
    assertTrue(found.identical());
    assertEquals(List.of(), found.declarations());
    assertEquals(4, found.nodes().same());
    assertEquals(4, found.constants().same());
    assertEquals(0, found.outputs().maxAbsDiff());
    assertEquals(Files.size(packed), found.b().bytes());
  }

  @Test
  void findsChangedConstantsWithZerosAndLargestChange() throws IOException {
    ModelProto.Builder changed = Models.perceptron();
    float[] bias = new float[16];
    TensorProto.Builder zeroed = TensorProto.newBuilder().setName("b1").setDataType(1).addDims(16);
    for (float one : bias) {
      zeroed.addFloatData(one);
    }
    TensorProto original = changed.getGraph().getInitializer(1);
    changed.getGraphBuilder().setInitializer(1, zeroed);
    ModelDifference found = compare(Models.perceptron(), changed);
    assertFalse(found.identical());
    assertEquals(3, found.constants().same());
    ModelDifference.ChangedConstant one = found.constants().changed().get(0);
    assertEquals("b1", one.name());
    assertEquals(0.0, one.a().sparsity());
    assertEquals(1.0, one.b().sparsity());
    assertEquals(largest(original), one.maxAbsDiff());
    assertTrue(found.outputs().maxAbsDiff() > 0);
    assertEquals(16, found.a().nonzero() - found.b().nonzero());
  }

  private static double largest(TensorProto tensor) {
    var floats =
        tensor
            .getRawData()
            .asReadOnlyByteBuffer()
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    double largest = 0;
    while (floats.hasRemaining()) {
      largest = Math.max(largest, Math.abs(floats.get()));
    }
    return largest;
  }

  @Test
  void findsWhatNodesAndDeclarationsDiffer() throws IOException {
    ModelProto.Builder b = Models.perceptron();
    b.setProducerVersion("2")
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("k").setValue("v"));
    GraphProto.Builder graph = b.getGraphBuilder();
    graph.getNodeBuilder(2).setOpType("Sigmoid");
    graph.getNodeBuilder(3).getAttributeBuilder(0).setI(1);
    graph
        .getNodeBuilder(3)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("alpha")
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(2));
    graph
        .addNode(Models.node("Tanh", "extra", List.of("y"), "z"))
        .addInitializer(Models.random("more", 9, 2, 2))
        .addOutput(Models.value("z", "N", 4));
    ModelDifference found = compare(Models.perceptron(), b);
    assertEquals(
        List.of(
            new ModelDifference.Declaration("producer", "test", "test 2"),
            new ModelDifference.Declaration("output z", null, "float[N,4]"),
            new ModelDifference.Declaration("metadata k", null, "v")),
        found.declarations());
    assertEquals(
        List.of(
            new ModelDifference.ChangedNode("relu", "Relu", List.of("operator Relu -> Sigmoid")),
            new ModelDifference.ChangedNode("output", "Gemm", List.of("attribute alpha"))),
        found.nodes().changed());
    assertEquals(List.of(new ModelDifference.Node("extra", "Tanh")), found.nodes().onlyInB());
    assertEquals("more", found.constants().onlyInB().get(0).name());
    assertEquals("output 'z': only the second model has it", found.refusals().get(0).reason());
  }

  @Test
  void looksIntoSubgraphs() throws IOException {
    ModelDifference found = compare(branching("Relu"), branching("Tanh"));
    assertEquals(
        List.of(
            new ModelDifference.ChangedNode(
                "choose/then_branch/inner", "Relu", List.of("operator Relu -> Tanh"))),
        found.nodes().changed());
    assertEquals(2, found.nodes().same());
  }

  private static ModelProto.Builder branching(String operator) {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(Models.value("x", 3))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("yes")
                    .setDataType(9)
                    .setRawData(ByteString.copyFrom(new byte[] {1})))
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("If")
                    .setName("choose")
                    .addInput("yes")
                    .addOutput("y")
                    .addAttribute(branch("then_branch", operator, "t"))
                    .addAttribute(branch("else_branch", "Neg", "e")))
            .addOutput(Models.value("y", 3))
            .build();
    return Models.model(graph, 13);
  }

  private static AttributeProto branch(String name, String operator, String output) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(
            GraphProto.newBuilder()
                .setName(name)
                .addNode(Models.node(operator, "inner", List.of("x"), output))
                .addOutput(Models.value(output, 3)))
        .build();
  }

  @Test
  void nodesWithoutNamesAreToldApart() throws IOException {
    ModelProto.Builder nameless = Models.perceptron();
    nameless.getGraphBuilder().getNodeBuilderList().forEach(node -> node.setName("same"));
    ModelDifference found = compare(nameless, nameless);
    assertEquals(4, found.nodes().same());
  }

  @Test
  void modelThatDoesNotRunIsComparedAllTheSame() throws IOException {
    ModelProto.Builder strange = Models.perceptron();
    strange.getGraphBuilder().getNodeBuilder(0).setOpType("Strange");
    RecipeOptions options = new RecipeOptions().set("max-output-diff", "0.1");
    ModelDifference found =
        compare(options, write("a.onnx", Models.perceptron()), write("b.onnx", strange));
    assertNull(found.outputs());
    assertEquals("outputs", found.refusals().get(0).where());
    assertEquals(
        List.of(new Report.GateResult("max-output-diff", "at most 0.100", "not measured", false)),
        found.gates());
    assertEquals(3, found.nodes().same());
  }

  @Test
  void outputsOfOtherShapesMeetNoGate() throws IOException {
    ModelProto.Builder wide = Models.perceptron();
    wide.getGraphBuilder()
        .setInitializer(2, Models.random("w2", 3, 5, 16))
        .setInitializer(3, Models.random("b2", 3, 5))
        .setOutput(0, Models.value("y", "N", 5));
    RecipeOptions options = new RecipeOptions().set("max-output-diff", "1000");
    ModelDifference found =
        compare(options, write("a.onnx", Models.perceptron()), write("b.onnx", wide));
    assertFalse(found.gatesMet());
    assertNull(found.constants().changed().get(0).maxAbsDiff());
  }

  @Test
  void judgesOnLabelledSamples() throws IOException {
    Path model = Path.of("models/digits-lenet5.onnx");
    RecipeOptions options =
        new RecipeOptions().set("test", "models/digits.npz#test").set("max-accuracy-drop", "0pp");
    ModelDifference found = compare(options, model, model);
    assertTrue(found.gatesMet());
    assertEquals(found.accuracy().before(), found.accuracy().after());
    assertEquals(1.0, found.outputs().top1Agreement());
  }

  @Test
  void dataThatDoNotFitAreAFailure() throws IOException {
    Path model = write("a.onnx", Models.perceptron());
    RecipeOptions options = new RecipeOptions().set("data", "models/digits.npz#test");
    assertThrows(ModelException.class, () -> compare(options, model, model));
  }

  @Test
  void accuracyIsNotJudgedOnTrainingData() {
    RecipeOptions options =
        new RecipeOptions().set("data", "a.npz").set("max-accuracy-drop", "1pp");
    assertThrows(
        UsageException.class, () -> options.comparison(Path.of("a.onnx"), Path.of("b.onnx")));
  }
}
