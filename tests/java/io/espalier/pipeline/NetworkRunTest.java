package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.SharedData;
import io.espalier.onnx.OnnxFile;
import io.espalier.report.Report;
import io.espalier.report.ReportForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkRunTest {
  private static final Path DIGITS = Path.of("models/digits.npz").toAbsolutePath();
  private static final Path RECIPES = Path.of("docs/recipes");

  @TempDir Path folder;

  private Report run(RecipeOptions options) throws IOException {
    options.set("output", folder.resolve("out.onnx").toString());
    return Espalier.run(options.recipe(null), Listener.NONE);
  }

  /** A network, its data and its options, all in one file. */
  @Test
  void smallRecipeLearnsDigits() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("digits.yaml"),
            """
            network:
              input: [28, 28]
              layers:
                - {dense: 32, activation: relu}
                - batch-norm
                - dropout: 0.1
                - dense: 10
            data: %s
            test: "#test"
            epochs: 15
            batch: 32
            sparsity: 60%%
            seed: 5
            """
                .formatted(DIGITS));
    RecipeOptions options = new RecipeOptions().set("recipe", recipe.toString());
    Report report = run(options);
    assertEquals(
        List.of("training", "test"),
        report.accuracy().stream().map(Report.Accuracy::split).toList());
    Report.Accuracy test = report.accuracy().get(1);
    assertTrue(test.after() > 0.9, "accuracy " + test);
    assertEquals(DIGITS + "#test", test.data());
    assertNull(test.before());
    assertNull(report.fidelity());
    assertEquals("network of digits.yaml", report.input().path());
    assertEquals(new Report.Sparsity(0.6, 0.6), round(report.sparsity()));
    assertTrue(report.notes().toString().contains("outputs are not compared"));
    for (ReportForm form : ReportForm.values()) {
      assertTrue(form.render(report).contains("network of digits.yaml"));
    }
    byte[] first = Files.readAllBytes(folder.resolve("out.onnx"));
    assertEquals(report.output().bytes(), first.length);
    assertEquals(report.input().sha256(), run(options).input().sha256());
  }

  private static Report.Sparsity round(Report.Sparsity sparsity) {
    return new Report.Sparsity(sparsity.requested(), Math.rint(sparsity.achieved() * 100) / 100);
  }

  /** The counts of the laboratory, which follow from 784 x 128 and 128 x 10 at 70 % each. */
  @Test
  void labHasItsExactCounts() throws IOException {
    Path mnist = SharedData.require("mnist");
    Report report =
        run(
            new RecipeOptions()
                .set("recipe", RECIPES.resolve("mnist-lab.yaml").toString())
                .set("data", "idx:" + mnist)
                .set("epochs", "1")
                .set("batch", "512")
                .set("end-step", "50")
                .set("frequency", "10")
                .flag("no-verify", true));
    assertEquals(101_770, report.parameters().total());
    assertEquals(
        Map.of("dense1.weight", 30_106L, "dense2.weight", 384L),
        Map.of(
            report.tensors().get(0).name(), report.tensors().get(0).nonzero(),
            report.tensors().get(1).name(), report.tensors().get(1).nonzero()));
    assertEquals(0.7, report.sparsity().achieved(), 1e-5);
  }

  @Test
  void recipesOfTheDocumentationAreRead() throws IOException {
    Map<String, Long> parameters =
        Map.of(
            "mnist-attention.yaml", 101_770L,
            "mnist-lab.yaml", 101_770L,
            "mnist-lenet-300-100.yaml", 266_610L,
            "mnist-lenet-300-100-sparse.yaml", 266_610L,
            "mnist-lenet-300-100-small.yaml", 266_610L,
            "mnist-lenet-300-100-smaller.yaml", 266_610L,
            "mnist-lenet-5.yaml", 431_080L,
            "mnist-lenet-5-small.yaml", 431_080L,
            "mnist-lenet-5-smaller.yaml", 431_080L,
            "mnist-lenet-5-sparse.yaml", 431_080L);
    List<String> found;
    try (Stream<Path> files = Files.list(RECIPES)) {
      found =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".yaml"))
              .sorted()
              .toList();
    }
    assertEquals(parameters.keySet().stream().sorted().toList(), found);
    for (String name : found) {
      RecipeOptions options =
          new RecipeOptions()
              .set("recipe", RECIPES.resolve(name).toString())
              .set("data", "idx:mnist");
      Recipe recipe = options.recipe(null);
      assertEquals(parameters.get(name), recipe.network().orElseThrow().parameters(), name);
      boolean prunes = Stream.of("sparse", "small", "lab").anyMatch(name::contains);
      assertEquals(prunes, recipe.pruning().isPresent());
      assertEquals("idx:mnist#test", recipe.data().test().orElseThrow());
    }
  }

  @Test
  void withoutTrainingTheDrawnWeightsArePruned() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("net.yaml"),
            "network: {input: [20], layers: [dense: 30, tanh, dense: 4]}\nsparsity: 0.5\n");
    Report report = run(new RecipeOptions().set("recipe", recipe.toString()));
    assertEquals(new Report.Parameters(754, 720, 360), report.parameters());
    try (OnnxFile file = OnnxFile.open(folder.resolve("out.onnx"))) {
      assertEquals(
          List.of("dense1.Gemm", "tanh1.Tanh", "dense2.Gemm"),
          file.model().graph().nodes().stream().map(node -> node.name()).toList());
    }
  }
}
