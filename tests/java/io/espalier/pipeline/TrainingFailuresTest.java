package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.data.ArrayFiles;
import io.espalier.graph.ModelException;
import io.espalier.runtime.Handles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run that trains says of bad data, and that it leaves nothing open however it ends. */
class TrainingFailuresTest {
  private final long openBefore = Handles.open();

  @TempDir Path folder;
  private Path model;
  private Path output;

  @BeforeEach
  void makeFiles() throws IOException {
    model = TrainingRuns.model(folder);
    output = Files.writeString(folder.resolve("out.onnx"), "old");
  }

  @AfterEach
  void nothingStaysOpen() {
    assertEquals(openBefore, Handles.open());
  }

  private RecipeOptions options(Path samples) {
    return TrainingRuns.options(samples, output).flag("force", true);
  }

  private void assertFails(Path samples, UnaryOperator<RecipeOptions> change, String... parts)
      throws IOException {
    Recipe recipe = change.apply(options(samples)).recipe(model);
    ModelException failure =
        assertThrows(ModelException.class, () -> Espalier.run(recipe, Listener.NONE));
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
    assertEquals("old", Files.readString(output));
    try (var files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.toString().contains(".espalier")));
    }
  }

  private Path samples(int width, int count, float odd, long oddLabel) throws IOException {
    float[] points = new float[width * count];
    long[] labels = new long[count];
    if (count > 7) {
      points[7 * width + 1] = odd;
      labels[7] = oddLabel;
    }
    return TrainingRuns.samples(folder.resolve("bad.npz"), points, labels);
  }

  @Test
  void samplesThatDoNotFitAreNamed() throws IOException {
    UnaryOperator<RecipeOptions> same = options -> options;
    assertFails(samples(7, 20, 0, 0), same, "array 'x'", "shape 7", "input 'x'", "bring");
    assertFails(samples(8, 20, Float.NaN, 0), same, "array 'x', sample 7", "NaN", "leave");
    assertFails(samples(8, 20, 0, 4), same, "label of sample 7", "classes 0 to 3, got 4");
    assertFails(samples(8, 20, 0, -1), same, "array 'y', sample 7", "-1");
    assertFails(samples(8, 0, 0, 0), same, "expected at least one sample", "0x8");
    Path texts = folder.resolve("texts.npz");
    byte[] array = ArrayFiles.npy("<U1", false, "2, 8", new byte[64]);
    ArrayFiles.npz(texts, Map.of("x", array, "y", ArrayFiles.longs("2,", 0, 1)));
    assertFails(texts, same, "expected numbers", "<U1");
  }

  @Test
  void lossThatIsNoNumberSaysWhatToTry() throws IOException {
    Path good = TrainingRuns.samples(folder, 1);
    assertFails(good, options -> options.set("lr", "1e38"), "step 2", "--lr", "--optimizer");
    assertFails(good, options -> options.set("scale", "1e38"), "step 1", "--scale");
  }

  @Test
  void runThatIsStoppedLeavesTheOldFile() throws IOException {
    Path good = TrainingRuns.samples(folder, 1);
    for (long at : List.of(0L, 1L, 7L)) {
      Listener stopping =
          new Listener() {
            private long step;

            @Override
            public void step(TrainingProgress progress) {
              step = progress.step();
            }

            @Override
            public boolean cancelled() {
              return step == at;
            }
          };
      Recipe recipe = options(good).recipe(model);
      assertThrows(InterruptedRunException.class, () -> Espalier.run(recipe, stopping));
      assertEquals("old", Files.readString(output));
    }
  }

  @Test
  void nothingMoreIsOpenedFromEpochToEpoch() throws IOException {
    List<Long> open = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public void message(String line) {
            if (line.startsWith("epoch")) {
              open.add(Handles.open());
            }
          }
        };
    Path good = TrainingRuns.samples(folder, 1);
    Recipe recipe = options(good).set("early-stopping", "val_loss:9").recipe(model);
    Espalier.run(recipe, listener);
    assertEquals(5, open.size());
    assertEquals(1, new HashSet<>(open).size(), open.toString());
    assertTrue(open.get(0) > openBefore);
  }
}
