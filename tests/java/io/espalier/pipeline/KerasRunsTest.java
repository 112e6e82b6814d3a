package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.SharedData;
import io.espalier.data.ArrayFiles;
import io.espalier.graph.Dim;
import io.espalier.graph.Model;
import io.espalier.graph.Value;
import io.espalier.keras.KerasFile;
import io.espalier.report.Report;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Real models of Keras are trained, pruned on the way, stripped and written. */
class KerasRunsTest {
  private static final int SAMPLES = 6;

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> trainsAndPrunes() throws IOException {
    List<Path> models = new ArrayList<>();
    for (String ending : List.of(".h5", ".hdf5", ".keras")) {
      models.addAll(SharedData.files("keras", ending));
    }
    assertTrue(models.size() >= 12, models.toString());
    return models.stream()
        .flatMap(
            model ->
                Stream.of(true, false)
                    .map(
                        labels ->
                            DynamicTest.dynamicTest(
                                model.getFileName() + (labels ? " with labels" : " distilled"),
                                () -> check(model, labels))));
  }

  private void check(Path file, boolean labels) throws IOException {
    Path samples = samples(KerasFile.open(file, Optional.empty()).model(), labels);
    Path output = folder.resolve("out.onnx");
    RecipeOptions options =
        new RecipeOptions()
            .set("data", samples.toString())
            .set("output", output.toString())
            .set("epochs", "1")
            .set("batch", "3")
            .flag("force", true)
            .flag("distill", !labels)
            .flag("no-verify", true);
    Report report = Espalier.run(options.recipe(file), new Listener() {});
    assertEquals(0.5, report.sparsity().achieved(), 0.01);
    assertTrue(Double.isFinite(report.training().history().get(0).loss()));
    assertEquals(2, report.training().steps());
    List<String> untrained =
        report.refusals().stream()
            .map(refusal -> refusal.where() + ": " + refusal.reason())
            .filter(reason -> reason.contains("train") || reason.contains("verified"))
            .toList();
    assertEquals(List.of(), untrained);
    try (InputModel pruned = InputModel.open(output)) {
      pruned.session(SessionOptions.DEFAULT).close();
      assertFalse(pruned.model().graph().nodes().stream().anyMatch(node -> node.is("Dropout")));
    }
  }

  private Path samples(Model model, boolean labels) throws IOException {
    Map<String, byte[]> arrays = new LinkedHashMap<>();
    arrays.put("x", random(dims(model.graph().inputs().get(0))));
    if (labels) {
      long[] dims = dims(model.graph().outputs().get(0));
      boolean numbers = dims[dims.length - 1] > 100;
      arrays.put("y", numbers ? random(dims) : classes((int) dims[dims.length - 1]));
    }
    return ArrayFiles.npz(folder.resolve("samples.npz"), arrays);
  }

  private static long[] dims(Value value) {
    return value.type().orElseThrow().dims().orElseThrow().stream()
        .mapToLong(dim -> dim instanceof Dim.Known known ? known.size() : SAMPLES)
        .toArray();
  }

  private static byte[] random(long[] dims) {
    float[] elements = new float[(int) LongStream.of(dims).reduce(1, (a, b) -> a * b)];
    Random random = new Random(1);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextFloat();
    }
    return ArrayFiles.floats(
        LongStream.of(dims).mapToObj(Long::toString).collect(Collectors.joining(", ")), elements);
  }

  private static byte[] classes(int count) {
    long[] classes = new Random(2).longs(SAMPLES, 0, count).toArray();
    return ArrayFiles.longs(SAMPLES + ",", classes);
  }
}
