package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.SharedData;
import io.espalier.data.ArrayFiles;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxFile;
import io.espalier.pass.LossOptions;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.TrainingOptions;
import io.espalier.pass.WorkingCopy;
import io.espalier.report.Report;
import io.espalier.runtime.OrtEngine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models as they are found learn from their own outputs, whole: the small ones, and with the
 * property {@code espalier.all} every float model.
 */
class SharedModelsTest {
  private static final int SAMPLES = 4;
  private static final Set<String> SMALL =
      Set.of(
          "byte_sb_bidi_lstm",
          "cnn_mnist_pytorch",
          "mnist_self_attention",
          "silero_vad_16k_op15",
          "tinybert");

  @TempDir Path folder;

  private static Stream<Path> models() throws IOException {
    boolean all = System.getProperty("espalier.all") != null;
    return SharedData.files("onnx", ".onnx").stream()
        .filter(file -> !name(file).endsWith("int8"))
        .filter(file -> all || SMALL.contains(name(file)));
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".onnx", "");
  }

  @Test
  void trainWholeAtAnyBatch() throws IOException {
    for (Path model : models().toList()) {
      Path data = samples(model);
      for (int batch : List.of(1, SAMPLES)) {
        Report report = Espalier.run(options(data, batch).recipe(model), Listener.NONE);
        assertEquals(SAMPLES / batch, report.training().steps(), model::toString);
        assertTrue(Double.isFinite(report.training().history().get(0).loss()), model::toString);
        assertEquals(
            List.of(),
            report.refusals().stream().map(row -> row.reason()).filter(this::freezes).toList(),
            model::toString);
        assertEquals(List.of(), unmoved(model, folder.resolve("out.onnx")), model::toString);
      }
    }
  }

  @Test
  void weightsThatAreIntegersAreRefusedByName() throws IOException {
    Path model = SharedData.require("onnx/shufflenet-v2-12-int8.onnx");
    Recipe recipe = options(samples(model), 2).recipe(model);
    ModelException refused =
        assertThrows(ModelException.class, () -> Espalier.run(recipe, Listener.NONE));
    assertTrue(
        refused
            .getMessage()
            .contains("W_conv1.0.weight_quantized: does not train: its elements are integers"),
        refused::getMessage);
  }

  /** The weights that training left as they were, apart from those that pruning made zero. */
  private static List<String> unmoved(Path before, Path after) throws IOException {
    Engine engine = new OrtEngine();
    try (OnnxFile was = OnnxFile.open(before);
        OnnxFile is = OnnxFile.open(after)) {
      Map<String, Tensor> trained = new HashMap<>();
      constants(is.model()).forEach((value, name) -> trained.put(name, value.constant().get()));
      Map<Value, String> names = constants(was.model());
      WorkingCopy copy = WorkingCopy.of(was.model(), engine);
      TrainingOptions distilled = TrainingOptions.training(LossOptions.distilled(2));
      return TrainingGraphs.derive(copy, distilled, engine).weights().stream()
          .filter(weight -> !moved(weight.initial(), trained.get(names.get(weight.original()))))
          .map(weight -> weight.original().name())
          .toList();
    }
  }

  /** The names of constants, each with the number of its graph: branches may share names. */
  private static Map<Value, String> constants(Model model) {
    Map<Value, String> names = new HashMap<>();
    AtomicInteger graphs = new AtomicInteger();
    model.forEachGraph(
        graph -> {
          int number = graphs.getAndIncrement();
          graph.constants().forEach(value -> names.put(value, number + value.name()));
        });
    return names;
  }

  private static boolean moved(Tensor before, Tensor after) {
    IntToDoubleFunction was = Elements.of(before).orElseThrow();
    IntToDoubleFunction is = Elements.of(after).orElseThrow();
    int count = Math.toIntExact(before.shape().elements());
    assertTrue(IntStream.range(0, count).allMatch(i -> Double.isFinite(is.applyAsDouble(i))));
    return IntStream.range(0, count)
        .anyMatch(i -> is.applyAsDouble(i) != 0 && is.applyAsDouble(i) != was.applyAsDouble(i));
  }

  private RecipeOptions options(Path data, int batch) {
    return new RecipeOptions()
        .set("data", data.toString())
        .set("output", folder.resolve("out.onnx").toString())
        .set("epochs", "1")
        .set("batch", String.valueOf(batch))
        .set("threads", "1")
        .set("sparsity", "0.3")
        .flag("distill", true)
        .flag("no-verify", true);
  }

  private boolean freezes(String reason) {
    return reason.contains("frozen") || reason.contains("stays at") || reason.contains("gradient");
  }

  /** A file of random samples that the model runs on. */
  private Path samples(Path file) throws IOException {
    Engine engine = new OrtEngine();
    try (OnnxFile opened = OnnxFile.open(file)) {
      Model model = WorkingCopy.of(opened.model(), engine).model();
      Map<Value, ByteArrayOutputStream> bytes = new HashMap<>();
      Map<Value, Tensor> one = Map.of();
      for (int i = 0; i < SAMPLES; i++) {
        one = engine.inputs(model, i).orElseThrow();
        for (Map.Entry<Value, Tensor> input : one.entrySet()) {
          Tensor small = small(input.getValue(), i);
          byte[] sample = new byte[(int) small.byteSize()];
          small.bytes().get(sample);
          bytes.computeIfAbsent(input.getKey(), key -> new ByteArrayOutputStream()).write(sample);
        }
      }
      Map<String, byte[]> arrays = new HashMap<>();
      one.forEach(
          (input, tensor) ->
              arrays.put(input.name(), array(tensor, bytes.get(input).toByteArray())));
      return ArrayFiles.npz(folder.resolve(name(file) + ".npz"), arrays);
    }
  }

  /** Numbers small enough to leave no layer saturated, and no state zero. */
  private static Tensor small(Tensor sample, int seed) {
    IntToDoubleFunction element = Elements.of(sample).orElseThrow();
    return sample.dataType().isFloat()
        ? Elements.tensor(
            sample.dataType(),
            sample.shape(),
            i -> (element.applyAsDouble(i) + Math.sin(i + seed)) / 10)
        : sample;
  }

  private static byte[] array(Tensor sample, byte[] all) {
    Shape shape = sample.shape();
    long[] dims = shape.dims();
    dims[0] = SAMPLES;
    String text = Arrays.toString(dims).replace("[", "").replace("]", dims.length == 1 ? "," : "");
    String type =
        switch (sample.dataType()) {
          case FLOAT -> "<f4";
          case INT64 -> "<i8";
          case INT32 -> "<i4";
          default -> "|u1";
        };
    return ArrayFiles.npy(type, false, text, all);
  }
}
