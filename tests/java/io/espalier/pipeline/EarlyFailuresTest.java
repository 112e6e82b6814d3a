package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.data.ArrayFiles;
import io.espalier.runtime.Handles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that can be seen at the start are told before the first step of training. */
class EarlyFailuresTest {
  @TempDir Path folder;
  private Path model;
  private Path samples;
  private Path output;

  @BeforeEach
  void makeFiles() throws IOException {
    model = TrainingRuns.model(folder);
    samples = TrainingRuns.samples(folder, 1);
    output = folder.resolve("out.onnx");
  }

  private void assertFails(RecipeOptions options, String... parts) {
    long open = Handles.open();
    Listener listener =
        new Listener() {
          @Override
          public void step(TrainingProgress progress) {
            throw new AssertionError("a step was made");
          }
        };
    Exception failure =
        assertThrows(
            Exception.class, () -> Espalier.run(options.recipe(model), listener), parts[0]);
    for (String part : parts) {
      String said = Failures.describe(failure);
      assertTrue(said.contains(part), said);
    }
    assertFalse(Files.exists(output));
    assertEquals(open, Handles.open());
  }

  private RecipeOptions options() {
    return new RecipeOptions()
        .set("data", samples.toString())
        .set("output", output.toString())
        .set("epochs", "5")
        .set("batch", "32")
        .set("sparsity", "0.7");
  }

  private Path odd(int width, float number, long label) throws IOException {
    float[] points = new float[width * 100];
    long[] labels = new long[100];
    points[70 * width + 1] = number;
    labels[70] = label;
    return TrainingRuns.samples(folder.resolve("odd.npz"), points, labels);
  }

  private RecipeOptions tested(Path test) {
    return options().set("test", test.toString());
  }

  @Test
  void testDataThatCannotJudge() throws IOException {
    assertFails(options().set("test", "#tst"), "--test", "tst");
    assertFails(tested(odd(8, 0, 4)), "--test", "label of sample 70", "classes 0 to 3, got 4");
    assertFails(tested(odd(8, Float.NaN, 0)), "--test", "array 'x', sample 70", "NaN");
    assertFails(tested(odd(7, 0, 0)), "--test", "shape 7", "input 'x'");
    Path unlabelled = folder.resolve("unlabelled.npz");
    ArrayFiles.npz(unlabelled, Map.of("x", ArrayFiles.floats("2, 8", new float[16])));
    assertFails(tested(unlabelled), "--test", "expected labelled samples");
  }

  @Test
  void samplesThatAreInfinite() throws IOException {
    samples = odd(8, Float.NEGATIVE_INFINITY, 0);
    assertFails(options(), "array 'x', sample 70", "-Infinity");
  }

  @Test
  void schedulesAndSplitsAreNamed() throws IOException {
    RecipeOptions unreadable = options().set("lr-schedule", "step");
    UsageException failure =
        assertThrows(UsageException.class, () -> unreadable.recipe(folder.resolve("absent.onnx")));
    assertTrue(failure.getMessage().startsWith("--lr-schedule: step: 'every' is required"));
    assertFails(options().set("lr-schedule", "fixed:warmup=99"), "--lr-schedule: fixed: warmup");
    float[] points = new float[16];
    Path unlabelled = folder.resolve("unlabelled.npz");
    samples = ArrayFiles.npz(unlabelled, Map.of("x", ArrayFiles.floats("2, 8", points)));
    RecipeOptions split = options().set("validation-split", "0.5:stratified");
    assertFails(split.flag("distill", true), "--validation-split: stratified");
  }

  @Test
  void checkpointsThatWouldReplaceOtherFiles() throws IOException {
    Path file = Files.writeString(folder.resolve("checkpoint.bin"), "words, not a checkpoint");
    assertFails(options().set("checkpoint", file.toString()), "--checkpoint " + file, "a folder");
    assertFails(options().set("checkpoint", folder.toString()), "--checkpoint " + folder, "holds");
    assertEquals("words, not a checkpoint", Files.readString(file));
  }

  @Test
  void dryRunChecksAndSaysThePlan() throws IOException {
    RecipeOptions dry = options().flag("dry-run", true);
    List<String> lines = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public void message(String line) {
            lines.add(line);
          }
        };
    Espalier.run(dry.recipe(model), listener);
    assertTrue(lines.get(0).startsWith("training: 4 weights, 5 epochs of 8 steps"), lines.get(0));
    assertTrue(lines.size() > 1, lines.toString());
    assertFalse(Files.exists(output));
    assertNull(Espalier.run(dry.set("sparsity", "0").recipe(model), Listener.NONE).sparsity());
    assertFails(dry.set("lr-schedule", "fixed:warmup=99"), "--lr-schedule: fixed: warmup");
  }

  @ParameterizedTest
  @CsvSource({"layer,zz*=0.3", "exclude,zz*", "include,zz*"})
  void globsThatNameNothing(String option, String text) {
    assertFails(options().set(option, text), "--" + option + " zz*: names no weight");
  }

  @Test
  void reportsThatCannotBeWritten() throws IOException {
    Path absent = folder.resolve("absent").resolve("r.json");
    assertFails(options().set("report", absent.toString()), "--report " + absent, "not exist");
    Path directory = Files.createDirectory(folder.resolve("r.md"));
    assertFails(options().set("report", directory.toString()), "--report", "got a directory");
  }
}
