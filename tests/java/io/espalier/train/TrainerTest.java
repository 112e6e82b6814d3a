package io.espalier.train;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.espalier.data.ArrayFiles;
import io.espalier.data.DataSource;
import io.espalier.data.Preprocessing;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Floats;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.AttributeProto;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.pass.LossOptions;
import io.espalier.prune.PrunedWeight;
import io.espalier.prune.PruningOptions;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final int SAMPLES = 300;

  @TempDir Path folder;
  private TrainingData data;
  private Model model;

  /** Four clouds of points in eight dimensions. */
  @BeforeEach
  void makeSamples() throws IOException {
    Random random = new Random(5);
    float[] points = new float[SAMPLES * 8];
    long[] labels = new long[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % 4;
      for (int j = 0; j < 8; j++) {
        points[8 * i + j] = (float) (0.4 * random.nextGaussian() + (j == labels[i] ? 2 : 0));
      }
    }
    data = write("train.npz", "%d, 8".formatted(SAMPLES), points, labels);
    model = perceptron();
  }

  private static Model perceptron() {
    return OnnxFile.open(
            ByteBuffer.wrap(Models.perceptron().build().toByteArray()), Path.of("net.onnx"))
        .model();
  }

  private TrainingData write(String name, String shape, float[] x, long[] y) throws IOException {
    Path file = folder.resolve(name);
    ArrayFiles.npz(
        file, Map.of("x", ArrayFiles.floats(shape, x), "y", ArrayFiles.longs(y.length + ",", y)));
    return new TrainingData(
        DataSource.parse(file.toString()), Optional.empty(), Preprocessing.NONE);
  }

  private static TrainingSettings settings(int epochs, int batch, double rate) {
    return with(epochs, batch, rate, List.of(), Optional.empty());
  }

  private static TrainingSettings with(
      int epochs, int batch, double rate, List<String> freeze, Optional<ValidationSplit> split) {
    return TrainingSettings.builder(epochs)
        .batch(batch)
        .rate(OptionalDouble.of(rate))
        .l2(1e-5)
        .freeze(freeze)
        .split(split)
        .sparsening(
            new Sparsening(
                Sparsening.Form.POLYNOMIAL,
                0.3,
                0,
                OptionalLong.empty(),
                OptionalLong.of(3),
                false))
        .build();
  }

  private TrainingResult train(TrainingSettings settings) throws IOException {
    return train(settings, TrainingListener.NONE);
  }

  private TrainingResult train(TrainingSettings settings, TrainingListener listener)
      throws IOException {
    return Trainer.train(
        model, data, settings, Optional.of(PruningOptions.of(0.7)), machine(), listener);
  }

  private static TrainingMachine machine() {
    return new TrainingMachine(SessionOptions.DEFAULT.withThreads(1), 2, 7);
  }

  private static Tensor tensor(Model model, String name) {
    return model.graph().find(name).flatMap(Value::constant).orElseThrow();
  }

  @Test
  void learnsAndIsExactlyAsSparseAsAsked() throws IOException {
    List<String> lines = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void planned(String line) {
            lines.add(line);
          }
        };
    TrainingResult result = train(settings(20, 32, 0.02), listener);

    assertEquals(20, result.history().size());
    assertEquals(200, result.steps());
    Epoch last = result.history().get(19);
    assertTrue(last.accuracy().getAsDouble() > 0.95, last.toString());
    assertTrue(last.loss() < result.history().get(0).loss());
    assertEquals("training: 4 weights, 20 epochs of 10 steps, 32 samples a step", lines.get(0));
    assertEquals(38, Floats.countNonzero(tensor(model, "w1")));
    assertEquals(19, Floats.countNonzero(tensor(model, "w2")));
    for (PrunedWeight weight : result.pruned().orElseThrow().weights()) {
      assertEquals(weight.nonzero(), weight.mask().countKept());
      assertEquals(0.7, weight.requested());
      assertEquals(weight.elements(), weight.nonzeroBefore());
    }
  }

  @Test
  void everyUpdateIsExact() throws IOException {
    PruningOptions options = PruningOptions.of(0.7);
    try (Workbench bench =
        Workbench.of(model, data, settings(4, 32, 0.02), Optional.of(options), machine())) {
      MaskUpdates masks = bench.masks().orElseThrow();
      for (PruningPlan.Row row : masks.plan().rows()) {
        masks.before(row.step());
        for (PrunedWeight weight : masks.result().weights()) {
          long kept = Math.round(Math.rint(weight.elements() * (1 - row.sparsity())));
          assertEquals(kept, weight.mask().countKept(), weight.name() + " at " + row);
        }
      }
      assertEquals(0.7, masks.sparsity(), 0.005);
    }
  }

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    train(settings(3, 32, 0.02));
    Model first = model;
    model = perceptron();
    train(settings(3, 32, 0.02));
    for (String name : List.of("w1", "b1", "w2", "b2")) {
      assertEquals(tensor(first, name).bytes(), tensor(model, name).bytes(), name);
    }
  }

  @Test
  void fewerSamplesThanABatch() throws IOException {
    TrainingResult result = train(settings(2, 1000, 0.01));
    assertEquals(2, result.steps());
    assertEquals(
        List.of("a batch is all 300 samples, fewer than the 1000 asked for"), result.notes());
    assertEquals(38, Floats.countNonzero(tensor(model, "w1")));
  }

  @Test
  void lossThatIsNoNumberSaysWhatToTry() {
    ModelException failure = assertThrows(ModelException.class, () -> train(settings(5, 32, 1e30)));
    assertTrue(failure.getMessage().contains("--lr"), failure.getMessage());
  }

  @Test
  void weightsOfDoublePrecisionAreRefusedByName() throws IOException {
    ModelProto.Builder proto = Models.perceptron();
    GraphProto.Builder graph = proto.getGraphBuilder();
    ByteBuffer floats = graph.getInitializer(0).getRawData().asReadOnlyByteBuffer();
    ByteBuffer doubles = ByteBuffer.allocate(2 * floats.remaining()).order(LITTLE_ENDIAN);
    floats.order(LITTLE_ENDIAN);
    while (floats.hasRemaining()) {
      doubles.putDouble(floats.getFloat());
    }
    graph
        .getInitializerBuilder(0)
        .setName("wide")
        .setDataType(11)
        .setRawData(ByteString.copyFrom(doubles.flip()));
    graph.addNode(
        0,
        Models.node("Cast", "narrow", List.of("wide"), "w1").toBuilder()
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("to")
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(1)));
    model = OnnxFile.open(ByteBuffer.wrap(proto.build().toByteArray()), Path.of("d.onnx")).model();
    Tensor before = tensor(model, "wide");
    TrainingResult result = train(settings(1, 32, 0.02));
    assertTrue(
        result.refusals().stream()
            .anyMatch(r -> r.where().equals("wide") && r.reason().contains("does not train")),
        result.refusals().toString());
    assertEquals(before.dataType(), tensor(model, "wide").dataType());
  }

  @Test
  void weightsOfHalfPrecisionTrainAndKeepTheirType() throws IOException {
    ModelProto.Builder proto = Models.perceptron();
    GraphProto.Builder graph = proto.getGraphBuilder();
    for (String name : List.of("w1", "w2")) {
      int place = name.equals("w1") ? 0 : 2;
      ByteBuffer floats = graph.getInitializer(place).getRawData().asReadOnlyByteBuffer();
      floats.order(LITTLE_ENDIAN);
      float[] values = new float[floats.remaining() / 4];
      floats.asFloatBuffer().get(values);
      Tensor half = Elements.tensor(DataType.FLOAT16, Shape.of(values.length), i -> values[i]);
      graph
          .getInitializerBuilder(place)
          .setName(name + ".half")
          .setDataType(10)
          .setRawData(ByteString.copyFrom(half.bytes()));
      graph.addNode(
          0,
          Models.node("Cast", "widen " + name, List.of(name + ".half"), name).toBuilder()
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("to")
                      .setType(AttributeProto.AttributeType.INT)
                      .setI(1)));
    }
    model = OnnxFile.open(ByteBuffer.wrap(proto.build().toByteArray()), Path.of("h.onnx")).model();
    TrainingResult result = train(settings(20, 32, 0.02));
    assertTrue(result.history().get(19).accuracy().getAsDouble() > 0.95, result.toString());
    for (String name : List.of("w1.half", "w2.half")) {
      assertEquals(DataType.FLOAT16, tensor(model, name).dataType());
    }
    assertEquals(38, Floats.countNonzero(tensor(model, "w1.half")));
    assertEquals(19, Floats.countNonzero(tensor(model, "w2.half")));
  }

  @Test
  void frozenWeightsStay() throws IOException {
    Tensor bias = tensor(model, "b1");
    Tensor weight = tensor(model, "w1");
    TrainingResult result = train(with(2, 32, 0.02, List.of("b1", "hidden"), Optional.empty()));
    assertEquals(bias.bytes(), tensor(model, "b1").bytes());
    assertEquals(weight.bytes(), tensor(model, "w1").bytes());
    assertEquals(19, Floats.countNonzero(tensor(model, "w2")));
    assertEquals(1, result.pruned().orElseThrow().weights().size());
    IllegalArgumentException unknown =
        assertThrows(
            IllegalArgumentException.class,
            () -> train(with(1, 32, 0.02, List.of("nothing*"), Optional.empty())));
    assertTrue(unknown.getMessage().startsWith("--freeze nothing*"), unknown.getMessage());
  }

  @Test
  void validationChoosesTheBestOfTheFinalSparsity() throws IOException {
    Optional<ValidationSplit> split = Optional.of(ValidationSplit.parse("0.2:stratified"));
    TrainingResult result = train(with(6, 32, 0.05, List.of(), split));
    int best = result.bestEpoch().orElseThrow();
    double least = Double.POSITIVE_INFINITY;
    int expected = -1;
    for (Epoch epoch : result.history()) {
      boolean counts = epoch.sparsity() > 0.69;
      if (counts && epoch.valLoss().getAsDouble() < least) {
        least = epoch.valLoss().getAsDouble();
        expected = epoch.epoch();
      }
    }
    assertEquals(expected, best);
    assertEquals(38, Floats.countNonzero(tensor(model, "w1")));
  }

  @Test
  void labelBeyondTheClassesIsNamed() throws IOException {
    data = write("bad.npz", "2, 8", new float[16], new long[] {1, 4});
    ModelException failure = assertThrows(ModelException.class, () -> train(settings(1, 32, 0.01)));
    assertTrue(
        failure.getMessage().endsWith("label of sample 1: the model has classes 0 to 3, got 4"),
        failure.getMessage());
  }

  @Test
  void runningStatisticsFollowTheBatches() throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("normalized")
            .addNode(Models.node("MatMul", "first", List.of("x", "w1"), "h"))
            .addNode(
                Models.node(
                    "BatchNormalization",
                    "norm",
                    List.of("h", "scale", "shift", "mean", "variance"),
                    "n"))
            .addNode(Models.node("Relu", "relu", List.of("n"), "r"))
            .addNode(Models.node("MatMul", "last", List.of("r", "w2"), "y"))
            .addInitializer(Models.random("w1", 1, 8, 16))
            .addInitializer(Models.random("scale", 2, 16))
            .addInitializer(Models.random("shift", 3, 16))
            .addInitializer(Models.random("mean", 4, 16))
            .addInitializer(positive("variance", 16))
            .addInitializer(Models.random("w2", 5, 16, 4))
            .addInput(Models.value("x", "N", 8))
            .addOutput(Models.value("y", "N", 4))
            .build();
    ByteBuffer bytes = ByteBuffer.wrap(Models.model(graph, 15).build().toByteArray());
    model = OnnxFile.open(bytes, Path.of("normalized.onnx")).model();
    Tensor mean = tensor(model, "mean");
    Tensor variance = tensor(model, "variance");
    Optional<ValidationSplit> split = Optional.of(ValidationSplit.parse("0.25"));
    TrainingResult result =
        Trainer.train(
            model,
            data,
            with(20, 32, 0.02, List.of(), split),
            Optional.empty(),
            machine(),
            TrainingListener.NONE);
    assertTrue(result.pruned().isEmpty());
    assertNotEquals(mean.bytes(), tensor(model, "mean").bytes());
    assertNotEquals(variance.bytes(), tensor(model, "variance").bytes());
    Epoch last = result.history().get(19);
    assertTrue(last.valAccuracy().getAsDouble() > 0.95, last.toString());
  }

  private static TensorProto positive(String name, int size) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(1).addDims(size);
    for (int i = 0; i < size; i++) {
      tensor.addFloatData(1 + i);
    }
    return tensor.build();
  }

  @Test
  void learnsFromItsOwnOutputsWithoutLabels() throws IOException {
    Path file = folder.resolve("unlabelled.npz");
    float[] points = new float[64 * 8];
    Random random = new Random(2);
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) random.nextGaussian();
    }
    ArrayFiles.npz(file, Map.of("x", ArrayFiles.floats("64, 8", points)));
    data =
        new TrainingData(DataSource.parse(file.toString()), Optional.empty(), Preprocessing.NONE);
    assertThrows(ModelException.class, () -> train(settings(1, 16, 0.01)));
    TrainingSettings distilling =
        settings(30, 16, 0.01).toBuilder()
            .l2(0)
            .distillation(Optional.of(LossOptions.Distillation.DEFAULT))
            .build();
    TrainingResult result = train(distilling);
    assertTrue(result.history().get(0).accuracy().isEmpty());
    double worst = result.history().stream().mapToDouble(Epoch::loss).max().orElseThrow();
    assertTrue(result.history().get(29).loss() < worst);
    assertEquals(38, Floats.countNonzero(tensor(model, "w1")));
  }
}
