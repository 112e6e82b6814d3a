package io.espalier.pipeline;

import io.espalier.data.ArrayFiles;
import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small model and samples to train it on, as files, for runs from end to end. */
public final class TrainingRuns {
  public static final int SAMPLES = 250;

  private TrainingRuns() {}

  /** MatMul, BatchNormalization, Relu, Dropout, MatMul: all that has a state of its own. */
  public static Path model(Path folder) throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("net")
            .addNode(Models.node("MatMul", "first", List.of("x", "w1"), "h"))
            .addNode(
                Models.node(
                    "BatchNormalization",
                    "norm",
                    List.of("h", "scale", "shift", "mean", "variance"),
                    "n"))
            .addNode(Models.node("Relu", "relu", List.of("n"), "r"))
            .addNode(Models.node("Dropout", "drop", List.of("r"), "d"))
            .addNode(Models.node("MatMul", "last", List.of("d", "w2"), "y"))
            .addInitializer(Models.random("w1", 1, 8, 16))
            .addInitializer(Models.random("scale", 2, 16))
            .addInitializer(Models.random("shift", 3, 16))
            .addInitializer(Models.random("mean", 4, 16))
            .addInitializer(ones("variance", 16))
            .addInitializer(Models.random("w2", 5, 16, 4))
            .addInput(Models.value("x", "N", 8))
            .addOutput(Models.value("y", "N", 4))
            .build();
    byte[] bytes = Models.model(graph, 15).build().toByteArray();
    return Files.write(folder.resolve("net.onnx"), bytes);
  }

  private static TensorProto ones(String name, int size) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(1).addDims(size);
    for (int i = 0; i < size; i++) {
      tensor.addFloatData(1);
    }
    return tensor.build();
  }

  /** Four clouds of points in eight dimensions. */
  public static Path samples(Path folder, long seed) throws IOException {
    Random random = new Random(seed);
    float[] points = new float[SAMPLES * 8];
    long[] labels = new long[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      labels[i] = i % 4;
      for (int j = 0; j < 8; j++) {
        points[8 * i + j] = (float) (0.4 * random.nextGaussian() + (j == labels[i] ? 2 : 0));
      }
    }
    return samples(folder.resolve("samples" + seed + ".npz"), points, labels);
  }

  /** A file of eight numbers and a class for each sample. */
  public static Path samples(Path file, float[] points, long[] labels) throws IOException {
    String shape =
        "%d, %d".formatted(labels.length, labels.length == 0 ? 8 : points.length / labels.length);
    return ArrayFiles.npz(
        file,
        Map.of(
            "x",
            ArrayFiles.floats(shape, points),
            "y",
            ArrayFiles.longs(labels.length + ",", labels)));
  }

  /** Five epochs of seven steps, pruned to 70 % at step 14. */
  public static RecipeOptions options(Path samples, Path output) {
    return new RecipeOptions()
        .set("data", samples.toString())
        .set("output", output.toString())
        .set("epochs", "5")
        .set("batch", "32")
        .set("lr", "0.02")
        .set("sparsity", "0.7")
        .set("scope", "global")
        .set("initial-sparsity", "0.3")
        .set("frequency", "3")
        .set("end-step", "14")
        .set("validation-split", "0.2:stratified")
        .set("early-stopping", "val_loss:2")
        .flag("no-verify", true);
  }
}
