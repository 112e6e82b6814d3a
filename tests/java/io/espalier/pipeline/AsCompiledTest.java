package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import io.espalier.Espalier;
import io.espalier.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models train as Keras compiled them: losses of tools/make_keras_training.py. */
class AsCompiledTest {
  private static final Path FIXTURES = Path.of("tests/resources/keras/training");

  @TempDir Path folder;

  private RecipeOptions options(String name) {
    return new RecipeOptions()
        .set("data", FIXTURES.resolve(name.replaceFirst("\\..*", ".npz")).toString())
        .set("output", folder.resolve("out.onnx").toString())
        .set("epochs", "30")
        .set("batch", "32")
        .set("sparsity", "0")
        .flag("no-verify", true)
        .flag("force", true);
  }

  private static Report run(Path model, RecipeOptions options) throws IOException {
    return Espalier.run(options.recipe(model), new Listener() {});
  }

  private static void assertLosses(String name, Report report) throws IOException {
    Path file = FIXTURES.resolve(name.replaceFirst("\\..*", ".json"));
    JsonArray expected = JsonParser.parseString(Files.readString(file)).getAsJsonArray();
    List<Report.EpochRow> history = report.training().history();
    assertEquals(30, expected.size());
    for (int epoch = 0; epoch < 30; epoch++) {
      double loss = expected.get(epoch).getAsDouble();
      assertEquals(loss, history.get(epoch).loss(), 1e-3 * loss, name + ", epoch " + (epoch + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"images.keras", "logits.h5", "yes_or_no.keras", "numbers.h5"})
  void lossesAreThoseOfKeras(String name) throws IOException {
    assertLosses(name, run(FIXTURES.resolve(name), options(name)));
  }

  @Test
  void aConvertedModelTrainsTheSame() throws IOException {
    Path onnx = folder.resolve("logits.onnx");
    Converter.Plan plan =
        new RecipeOptions()
            .set("output", onnx.toString())
            .flag("no-verify", true)
            .conversion(FIXTURES.resolve("logits.h5"));
    RecipeOptions converting = new RecipeOptions().set("output", onnx.toString());
    Converter.convert(converting.conversion(FIXTURES.resolve("logits.h5")), new Listener() {});
    Report report = run(onnx, options("logits.h5"));
    assertLosses("logits.h5", report);
    assertTrue(
        report.notes().stream().anyMatch(note -> note.endsWith("as compiled in logits.onnx")),
        report.notes().toString());
  }

  @Test
  void whatIsChosenComesFirst() throws IOException {
    Report report =
        run(
            FIXTURES.resolve("logits.h5"),
            options("logits.h5")
                .set("optimizer", "adam")
                .set("loss", "cross-entropy")
                .set("l2", "0"));
    assertFalse(
        report.notes().stream().anyMatch(note -> note.contains("sgd") || note.contains("loss ")),
        report.notes().toString());
    assertTrue(
        report.notes().contains("the layers' own penalties give way to --l1 and --l2"),
        report.notes().toString());
    assertEquals(0.001, report.training().history().get(29).learningRate());
  }

  @Test
  void nothingIsTakenWhereNotWanted() throws IOException {
    Report report =
        run(FIXTURES.resolve("images.keras"), options("images.keras").flag("no-compiled", true));
    assertFalse(
        report.notes().stream().anyMatch(note -> note.contains("as compiled")),
        report.notes().toString());
  }
}
