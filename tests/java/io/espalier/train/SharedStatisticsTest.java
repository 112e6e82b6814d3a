package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.OnnxWriter;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.NodeProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks as exporters write them before training: equal constants are one. */
class SharedStatisticsTest {
  private static final List<String> FIRST =
      List.of("bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var");

  @TempDir Path folder;

  /** Two layers whose weight is tied, each with a normalization of its own. */
  private static Model net(boolean identities, int irVersion) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("fresh");
    graph.addInitializer(Models.random("tied", 1, 8, 8));
    graph.addInitializer(Models.random("last", 2, 8, 4));
    graph.addInitializer(same("bn1.weight", 1)).addInitializer(same("bn1.bias", 0));
    if (identities) {
      graph.addNode(identity("bn1.weight", "bn1.running_var"));
      graph.addNode(identity("bn1.weight", "bn2.weight"));
      graph.addNode(identity("bn2.weight", "bn2.running_var"));
      graph.addNode(identity("bn1.bias", "bn1.running_mean"));
      graph.addNode(identity("bn1.bias", "bn2.bias"));
      graph.addNode(identity("bn1.bias", "bn2.running_mean"));
    }
    String x = "x";
    for (String layer : List.of("1", "2")) {
      String bn = "bn" + layer;
      String one = identities ? bn + ".weight" : "bn1.weight";
      String zero = identities ? bn + ".bias" : "bn1.bias";
      String mean = identities ? bn + ".running_mean" : zero;
      String variance = identities ? bn + ".running_var" : one;
      graph.addNode(Models.node("MatMul", "fc" + layer, List.of(x, "tied"), "h" + layer));
      List<String> inputs = List.of("h" + layer, one, zero, mean, variance);
      graph.addNode(Models.node("BatchNormalization", bn, inputs, "n" + layer));
      graph.addNode(Models.node("Relu", "relu" + layer, List.of("n" + layer), "r" + layer));
      x = "r" + layer;
    }
    graph.addNode(Models.node("MatMul", "fc3", List.of("r2", "last"), "y"));
    graph.addInput(Models.value("x", "N", 8)).addOutput(Models.value("y", "N", 4));
    if (irVersion < 4) {
      graph.addInput(Models.value("tied", 8, 8)).addInput(Models.value("last", 8, 4));
      graph.addInput(Models.value("bn1.weight", 8)).addInput(Models.value("bn1.bias", 8));
    }
    return Clouds.open(Models.model(graph.build(), 9).setIrVersion(irVersion));
  }

  private static TensorProto same(String name, float element) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1).addDims(8);
    for (int i = 0; i < 8; i++) {
      tensor.addFloatData(element);
    }
    return tensor.build();
  }

  private static NodeProto identity(String of, String name) {
    return Models.node("Identity", "Identity_" + name, List.of(of), name);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7})
  void oneConstantForAll(int irVersion) throws IOException {
    Model model = trained(net(false, irVersion));
    assertEquals("bn1.weight", norm(model, "bn1").inputs().get(1).name());
    assertEquals("bn2.input_mean", norm(model, "bn2").inputs().get(3).name());
    assertEquals(irVersion < 4, model.graph().inputs().size() > 1);
    for (Value value : model.graph().initializers()) {
      assertEquals(irVersion < 4, value.isGraphInput(), value.name());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7})
  void identitiesOfOneConstant(int irVersion) throws IOException {
    Model model = trained(net(true, irVersion));
    assertEquals(
        FIRST,
        norm(model, "bn1").inputs().subList(1, 5).stream()
            .map(Value::name)
            .sorted((a, b) -> FIRST.indexOf(a) - FIRST.indexOf(b))
            .toList());
    assertEquals("bn2.running_var", norm(model, "bn2").inputs().get(4).name());
    assertTrue(model.graph().nodes().stream().noneMatch(node -> node.is("Identity")));
  }

  private static Node norm(Model model, String name) {
    return model.graph().nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Trains it, sees that every role went its own way, writes it, and runs what was written. */
  private Model trained(Model model) throws IOException {
    TrainingResult result =
        Trainer.train(
            model,
            Clouds.write(folder),
            Clouds.descent(2, 32),
            Optional.empty(),
            Clouds.machine(),
            TrainingListener.NONE);
    assertEquals(List.of(), result.refusals());
    Set<Object> contents = new HashSet<>();
    for (String name : List.of("bn1", "bn2")) {
      for (Value role : norm(model, name).inputs().subList(1, 5)) {
        contents.add(role.initializer().orElseThrow().bytes());
      }
    }
    assertEquals(8, contents.size());
    Value tied = model.graph().find("tied").orElseThrow();
    assertEquals(2, tied.uses().size());
    assertNotEquals(
        net(false, 7).graph().find("tied").orElseThrow().initializer().orElseThrow().bytes(),
        tied.initializer().orElseThrow().bytes());
    Path file = folder.resolve("out.onnx");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      new OnnxWriter(model, "out.onnx.data").write(channel);
    }
    try (OnnxFile written = OnnxFile.open(file)) {
      assertArrayEquals(output(model), output(written.model()), 1e-6f);
    }
    return model;
  }

  private static float[] output(Model model) {
    float[] x = new float[16];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    Value y = model.graph().outputs().get(0);
    Map<Value, Tensor> feeds =
        Map.of(model.graph().requiredInputs().get(0), ArrayTensor.of(Shape.of(2, 8), x));
    Tensor tensor = new OrtEngine().evaluate(model, feeds, List.of(y)).get(y);
    float[] all = new float[8];
    tensor.bytes().asFloatBuffer().get(all);
    return all;
  }
}
