package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.graph.ModelException;
import io.espalier.report.Report;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of Keras with weights alone are pruned with what says which layers they are of. */
class WeightsOnlyTest {
  private static final String FIXTURE = "weights-only-sequential/";

  @TempDir Path folder;

  private Path fixture(String wanted) throws IOException {
    try (InputStream in = WeightsOnlyTest.class.getResourceAsStream("/keras/fixtures.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(FIXTURE + wanted)) {
          return Files.write(folder.resolve(wanted), zip.readAllBytes());
        }
      }
    }
    throw new IllegalStateException("no " + wanted);
  }

  private RecipeOptions options() {
    return new RecipeOptions().set("output", folder.resolve("out.onnx").toString());
  }

  private static Report run(Recipe recipe) throws IOException {
    return Espalier.run(recipe, new Listener() {});
  }

  @Test
  void isPruned() throws IOException {
    Path weights = fixture("model.weights.h5");
    RecipeOptions options =
        options().set("architecture", fixture("model.json").toString()).set("min-size", "1");
    assertFalse(run(options.recipe(weights)).tensors().isEmpty());
    assertTrue(Files.exists(folder.resolve("out.onnx")));
  }

  @Test
  void needsAnArchitectureThatIsItsOwn() throws IOException {
    Path weights = fixture("model.weights.h5");
    String none =
        assertThrows(ModelException.class, () -> run(options().recipe(weights))).getMessage();
    assertTrue(none.contains("--architecture"), none);
    RecipeOptions other = options().set("architecture", "vgg16");
    assertThrows(ModelException.class, () -> run(other.recipe(weights)));
  }

  @Test
  void isNotForOnnx() throws IOException {
    Path onnx = Path.of("models/digits-lenet5.onnx");
    RecipeOptions options = options().set("architecture", "vgg16");
    String message =
        assertThrows(UsageException.class, () -> run(options.recipe(onnx))).getMessage();
    assertTrue(message.contains("--architecture"), message);
  }
}
