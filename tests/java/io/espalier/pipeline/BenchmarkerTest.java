package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.onnx.Models;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.report.Benchmark;
import io.espalier.storage.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchmarkerTest {
  @TempDir Path folder;

  private Path write(String name, ModelProto.Builder model) throws IOException {
    return Files.write(folder.resolve(name), model.build().toByteArray());
  }

  private static ModelProto.Builder relu(Object... dims) {
    return Models.model(
        GraphProto.newBuilder()
            .setName("relu")
            .addNode(Models.node("Relu", "relu", List.of("x"), "y"))
            .addInput(Models.value("x", dims))
            .addOutput(Models.value("y", dims))
            .build(),
        13);
  }

  private static Benchmark bench(RecipeOptions options, Path... models) throws IOException {
    return Benchmarker.run(
        options.set("seconds", "0.02").benchmark(List.of(models)), Listener.NONE);
  }

  @Test
  void modelsWithTheSameInputsRunInOneRound() throws IOException {
    Path plain = write("a.onnx", Models.perceptron());
    Path packed = folder.resolve("a.onnx.gz");
    Compression.GZIP.compress(plain, packed);
    Path other = write("b.onnx", relu(3, 5));
    Benchmark found = bench(new RecipeOptions(), plain, packed, other);
    assertEquals(
        List.of(1, 1, 2), found.models().stream().map(model -> model.run().round()).toList());
    Benchmark.Row second = found.models().get(1);
    assertEquals((double) Files.size(plain) / Files.size(packed), second.compression());
    assertEquals(found.models().get(0).run().runs(), second.run().runs());
    assertEquals(List.of("x float[1,8]"), second.run().inputs());
    assertTrue(second.openMs() > 0 && second.speedup() > 0);
    assertTrue(found.complete());
  }

  @Test
  void batchIsTakenWhereTheModelLeavesItOpen() throws IOException {
    Path open = write("open.onnx", Models.perceptron());
    Path fixed = write("fixed.onnx", relu(3, 5));
    Benchmark found = bench(new RecipeOptions().set("batch", "16"), open, fixed);
    Benchmark.Run run = found.models().get(0).run();
    assertEquals(16, run.batch());
    assertEquals(16_000 / run.p50Ms(), run.samplesPerSecond(), 1e-6);
    assertEquals(List.of(), found.models().get(0).notes());
    assertEquals(3, found.models().get(1).run().batch());
    assertEquals(List.of("a batch of 16 is not possible"), found.models().get(1).notes());
  }

  @Test
  void modelThatDoesNotRunDoesNotStopTheOthers() throws IOException {
    ModelProto.Builder strange = Models.perceptron();
    strange.getGraphBuilder().getNodeBuilder(0).setOpType("Strange");
    Path odd = write("odd.onnx", strange);
    Path fine = write("fine.onnx", Models.perceptron());
    Benchmark found = bench(new RecipeOptions(), odd, folder.resolve("none.onnx"), fine);
    assertFalse(found.complete());
    Benchmark.Row first = found.models().get(0);
    assertTrue(first.failure().startsWith("onnxruntime does not open it: "), first.failure());
    assertNull(first.run());
    assertNotNull(first.bytes());
    assertEquals("no such file or directory", found.models().get(1).failure());
    assertNotNull(found.models().get(2).run());
    assertNull(found.models().get(2).speedup());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seconds|0|--seconds: expected more than 0 and at most 3600, got 0.0",
        "batch|0|--batch: expected 1 or more, got 0",
        "threads|0|--threads: expected 1 to 1024, got 0",
        "device|tpu|--device: expected cpu or cuda, got tpu",
      })
  void refusesOptionsThatMakeNoSense(String option, String text, String message) {
    RecipeOptions options = new RecipeOptions().set(option, text);
    UsageException refused =
        assertThrows(UsageException.class, () -> options.benchmark(List.of(Path.of("m.onnx"))));
    assertEquals(message, refused.getMessage());
  }
}
