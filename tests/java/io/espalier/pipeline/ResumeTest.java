package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {
  @TempDir Path folder;
  private Path model;
  private Path samples;
  private Path output;
  private Path kept;

  @BeforeEach
  void makeFiles() throws IOException {
    model = TrainingRuns.model(folder);
    samples = TrainingRuns.samples(folder, 5);
    output = folder.resolve("out.onnx");
    kept = folder.resolve("kept");
  }

  private RecipeOptions options() {
    return TrainingRuns.options(samples, output);
  }

  private Report run(RecipeOptions options, Listener listener) throws IOException {
    return Espalier.run(options.recipe(model), listener);
  }

  /** Fails when a step was made, or before it where that is the first of an epoch. */
  private static Listener failingAt(long step, Throwable failure) {
    return new Listener() {
      private long last;

      @Override
      public void message(String line) {
        if (line.startsWith("epoch") && last == step - 1) {
          ResumeTest.<RuntimeException>raise(failure);
        }
      }

      @Override
      public void step(TrainingProgress progress) {
        last = progress.step();
        if (last == step) {
          ResumeTest.<RuntimeException>raise(failure);
        }
      }
    };
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  private void assertSameRun(Report whole, byte[] bytes, Report resumed) throws IOException {
    assertArrayEquals(bytes, Files.readAllBytes(output));
    assertEquals(withoutTimes(whole), withoutTimes(resumed));
    assertEquals(whole.sparsity(), resumed.sparsity());
    assertEquals(whole.tensors(), resumed.tensors());
    assertTrue(
        resumed.notes().stream().anyMatch(note -> note.startsWith("training went on after step")),
        resumed.notes().toString());
  }

  private static Report.Training withoutTimes(Report report) {
    Report.Training training = report.training();
    List<Report.EpochRow> rows = new ArrayList<>();
    for (Report.EpochRow row : training.history()) {
      rows.add(
          new Report.EpochRow(
              row.epoch(),
              row.loss(),
              row.accuracy(),
              row.valLoss(),
              row.valAccuracy(),
              row.sparsity(),
              row.learningRate(),
              0.0));
    }
    return new Report.Training(
        training.epochs(),
        training.steps(),
        rows,
        training.stoppedEpoch(),
        training.bestEpoch(),
        0.0);
  }

  /** Stopped at some steps, and crashed at others, one after the other, in one run. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void runStoppedAtAnyStepsGivesTheSameBytes(long seed) throws IOException {
    Report whole = run(options(), Listener.NONE);
    byte[] bytes = Files.readAllBytes(output);
    Files.delete(output);
    long steps = whole.training().steps();
    Random random = new Random(seed);
    String option = "checkpoint";
    for (int step = 1 + random.nextInt(4); step <= steps; step += 1 + random.nextInt(9)) {
      Throwable failure = random.nextBoolean() ? new Crash() : new InterruptedRunException();
      RecipeOptions now = options().set(option, kept.toString());
      int at = step;
      assertThrows(failure.getClass(), () -> run(now, failingAt(at, failure)), "step " + step);
      assertFalse(Files.exists(output));
      option = "resume";
    }
    Report resumed = run(options().set(option, kept.toString()), Listener.NONE);
    assertSameRun(whole, bytes, resumed);
    Files.delete(output);
    assertSameRun(whole, bytes, run(options().set("resume", kept.toString()), Listener.NONE));
  }

  @Test
  void goesOnWithOtherFilesAndThreads() throws IOException {
    interruptAt(9);
    output = folder.resolve("other.onnx");
    Path moved = Files.move(samples, folder.resolve("moved.npz"));
    RecipeOptions options = options().set("data", moved.toString()).set("threads", "1");
    Report report = run(options.set("resume", kept.toString()), Listener.NONE);
    assertEquals(5, report.training().history().size());
    String text = Files.readString(output, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertFalse(text.contains(kept.getFileName().toString()), "the model names the folder");
  }

  private void interruptAt(long step) {
    RecipeOptions options = options().set("checkpoint", kept.toString());
    assertThrows(
        InterruptedRunException.class,
        () -> run(options, failingAt(step, new InterruptedRunException())));
  }

  @ParameterizedTest
  @CsvSource({
    "lr,0.1,--lr was 0.02 and is 0.1",
    "seed,3,--seed was 0 and is 3",
    "sparsity,0.8,--sparsity was 0.7 and is 0.8",
    "frequency,2,--frequency was 3 and is 2",
    "l1,0.001,--l1 was 0.0 and is 0.001",
    "scale,0.5,--scale was not given and is 0.5",
  })
  void namesOptionsThatDiffer(String option, String text, String message) {
    interruptAt(2);
    assertRefused(options().set(option, text), message);
  }

  private void assertRefused(RecipeOptions options, String part) {
    options.set("resume", kept.toString());
    ModelException failure = assertThrows(ModelException.class, () -> run(options, Listener.NONE));
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
    assertTrue(failure.getMessage().startsWith(kept.toString()), failure.getMessage());
  }

  @Test
  void saysWhichCommandMadeIt() throws IOException {
    interruptAt(2);
    RecipeOptions training =
        new RecipeOptions()
            .set("data", samples.toString())
            .set("output", output.toString())
            .set("epochs", "5")
            .set("resume", kept.toString());
    ModelException failure =
        assertThrows(
            ModelException.class, () -> Espalier.run(training.training(model), Listener.NONE));
    String said = failure.getMessage();
    assertTrue(said.contains("another run: made by `prune`, not `prune train`; resume"), said);
  }

  @Test
  void namesSamplesAndModelsThatDiffer() throws IOException {
    interruptAt(2);
    Path others = TrainingRuns.samples(folder, 6);
    assertRefused(options().set("data", others.toString()), "the samples of --data differ");
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length / 2] ^= 1;
    Files.write(model, bytes);
    assertRefused(options(), "the bytes of the model differ");
  }

  @Test
  void damagedAndMissingCheckpointsAreNamed() throws IOException {
    NoSuchFileException none =
        assertThrows(
            NoSuchFileException.class,
            () -> run(options().set("resume", kept.toString()), Listener.NONE));
    assertTrue(Failures.describe(none).contains("there is no checkpoint to resume"));
    interruptAt(4);
    Path file = kept.resolve("checkpoint.bin");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    RecipeOptions options = options().set("resume", kept.toString());
    MalformedModelException damaged =
        assertThrows(MalformedModelException.class, () -> run(options, Listener.NONE));
    assertTrue(damaged.getMessage().contains("damaged"), damaged.getMessage());
  }

  @Test
  void unfinishedRunIsNotReplacedByAnother() throws IOException {
    interruptAt(4);
    RecipeOptions again = options().set("checkpoint", kept.toString());
    UsageException failure = assertThrows(UsageException.class, () -> run(again, Listener.NONE));
    assertTrue(failure.getMessage().contains("at step 4; --resume"), failure.getMessage());
    run(options().set("resume", kept.toString()), Listener.NONE);
    run(options().set("checkpoint", kept.toString()), Listener.NONE);
  }

  @Test
  void lossThatIsNoNumberLeavesTheLastGoodCheckpoint() throws IOException {
    List<Long> steps = new ArrayList<>();
    Listener listener =
        new Listener() {
          @Override
          public void kept(Path where, long step) {
            steps.add(step);
          }
        };
    RecipeOptions options = options().set("lr", "1e38").set("checkpoint", kept.toString());
    ModelException failure = assertThrows(ModelException.class, () -> run(options, listener));
    assertTrue(failure.getMessage().contains("--lr"), failure.getMessage());
    assertEquals(List.of(0L), steps);
    assertTrue(Files.exists(kept.resolve("checkpoint.bin")));
    assertFalse(Files.exists(output));
  }
}
