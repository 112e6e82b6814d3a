package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Floats;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.prune.PruningOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose batch nothing can free makes the updates of its twin that takes any batch. */
class BatchGradientTest {
  private static final List<String> WEIGHTS = List.of("w1", "b1", "w2", "b2");

  @TempDir Path folder;
  private TrainingData data;

  @BeforeEach
  void makeSamples() throws IOException {
    data = Clouds.write(folder);
  }

  /** The perceptron, applied to the first sample only of a batch of one. */
  private static Model fixed() {
    ModelProto.Builder proto = Models.perceptron();
    GraphProto.Builder graph = proto.getGraphBuilder();
    graph.setInput(0, Models.value("x", 1, 8)).setOutput(0, Models.value("y", 1, 4));
    graph.addInitializer(longs("first")).addInitializer(longs("axes").toBuilder().addDims(1));
    graph.setNode(0, graph.getNode(0).toBuilder().setInput(0, "row"));
    graph.addNode(0, Models.node("Unsqueeze", "again", List.of("picked", "axes"), "row"));
    graph.addNode(0, Models.node("Gather", "pick", List.of("x", "first"), "picked"));
    return Clouds.open(proto);
  }

  private static TensorProto longs(String name) {
    return TensorProto.newBuilder().setName(name).setDataType(7).addInt64Data(0).build();
  }

  private TrainingResult train(Model model, int batch) throws IOException {
    return train(model, batch, Optional.empty(), TrainingListener.NONE);
  }

  private TrainingResult train(
      Model model, int batch, Optional<Checkpointing> checkpointing, TrainingListener listener)
      throws IOException {
    return Trainer.train(
        model,
        data,
        Clouds.descent(3, batch),
        Optional.of(PruningOptions.of(0.7)),
        Clouds.machine(),
        checkpointing,
        listener);
  }

  private static float[] elements(Model model, String name) {
    Tensor tensor = model.graph().find(name).flatMap(Value::constant).orElseThrow();
    int size = (int) tensor.shape().elements();
    float[] elements = new float[size];
    Floats.read(tensor, 0, elements, 0, size, Floats.scratch(size));
    return elements;
  }

  @Test
  void updatesAreThoseOfTheWholeBatch() throws IOException {
    Model free = Clouds.open(Models.perceptron());
    Model fixed = fixed();
    TrainingResult expected = train(free, 32);
    TrainingResult result = train(fixed, 32);
    assertEquals(30, result.steps());
    assertEquals(expected.steps(), result.steps());
    for (String name : WEIGHTS) {
      assertArrayEquals(elements(free, name), elements(fixed, name), 1e-6f, name);
    }
    for (int epoch = 0; epoch < 3; epoch++) {
      Epoch one = result.history().get(epoch);
      assertEquals(expected.history().get(epoch).loss(), one.loss(), 1e-6);
      assertEquals(expected.history().get(epoch).accuracy(), one.accuracy());
    }
    Tensor pruned = fixed.graph().find("w1").flatMap(Value::constant).orElseThrow();
    assertEquals(38, Floats.countNonzero(pruned));
    Refusal refusal =
        result.refusals().stream()
            .filter(one -> one.where().equals("batch"))
            .findFirst()
            .orElseThrow();
    assertTrue(refusal.reason().startsWith("stays at 1: "), refusal.reason());
    assertTrue(refusal.reason().contains("pick"), refusal.reason());
    assertTrue(refusal.reason().contains("mean of the gradients"), refusal.reason());
    assertEquals(List.of(), result.notes());
  }

  @Test
  void aRunThatIsStoppedGoesOnBitForBit() throws IOException {
    Model whole = fixed();
    List<String> plan = new ArrayList<>();
    train(
        whole,
        32,
        Optional.empty(),
        new TrainingListener() {
          @Override
          public void planned(String line) {
            plan.add(line);
          }
        });
    assertEquals("the model takes 1 samples at a time: a step is the mean of 32 runs", plan.get(1));
    TrainingListener stopping =
        new TrainingListener() {
          @Override
          public void step(Step step) {
            if (step.step() == 13) {
              throw new IllegalStateException("stop");
            }
          }
        };
    Identity identity = new Identity(Map.of());
    Path kept = folder.resolve("kept");
    assertThrows(
        IllegalStateException.class,
        () -> train(fixed(), 32, Optional.of(new Checkpointing(kept, false, identity)), stopping));
    Model resumed = fixed();
    train(resumed, 32, Optional.of(new Checkpointing(kept, true, identity)), TrainingListener.NONE);
    for (String name : WEIGHTS) {
      assertArrayEquals(elements(whole, name), elements(resumed, name), name);
    }
  }
}
