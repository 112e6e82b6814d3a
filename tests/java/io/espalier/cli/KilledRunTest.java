package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.pipeline.TrainingRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ends a process that trains, and goes on in this one. */
@DisabledOnOs(OS.WINDOWS)
class KilledRunTest {
  private static final int LONG = 200_000;

  @TempDir private Path folder;
  private Path model;
  private Path samples;
  private Path output;
  private Path kept;
  private final RecordingTerminal terminal = new RecordingTerminal(false);

  @BeforeEach
  void makeFiles() throws IOException {
    model = TrainingRuns.model(folder);
    samples = TrainingRuns.samples(folder, 5);
    output = folder.resolve("out.onnx");
    kept = folder.resolve("kept here");
  }

  private List<String> arguments(int epochs, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                model.toString(),
                "--data=" + samples,
                "--epochs=" + epochs,
                "--output",
                output.toString(),
                "--batch=250",
                "--threads=1",
                "--end-step=300",
                "--no-verify"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private int run(List<String> arguments) {
    Command prune = new PruneCommand(Espalier::run);
    return Main.run(prune, terminal.terminal(), arguments.toArray(new String[0]));
  }

  private Process start(List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.espalier.cli.Main"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    return builder.redirectError(folder.resolve("err.txt").toFile()).start();
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err.txt"));
  }

  private void awaitEpochs(Process child) throws Exception {
    while (!err().contains("epoch 5/")) {
      assertTrue(child.isAlive(), err());
      Thread.sleep(5);
    }
  }

  /** Until a checkpoint has replaced that of the start, which knows of fewer epochs. */
  private void awaitCheckpoint(Process child) throws Exception {
    Path file = kept.resolve("checkpoint.bin");
    while (!Files.exists(file)) {
      assertTrue(child.isAlive(), err());
      Thread.sleep(1);
    }
    long first = Files.size(file);
    while (Files.size(file) == first) {
      assertTrue(child.isAlive(), err());
      Thread.sleep(1);
    }
  }

  @Test
  void killedProcessGoesOnWithTheSameBytes() throws Exception {
    int epochs = 800;
    Process child = start(arguments(epochs, "--checkpoint", kept.toString()));
    awaitCheckpoint(child);
    child.destroyForcibly();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertFalse(err().contains("epoch " + epochs), "it was too fast to be killed");
    assertFalse(Files.exists(output));

    assertEquals(0, run(arguments(epochs, "--resume", kept.toString(), "-q")), terminal.err());
    Path resumed = Files.move(output, folder.resolve("resumed.onnx"));
    assertEquals(0, run(arguments(epochs, "-q")), terminal.err());
    assertEquals(-1, Files.mismatch(output, resumed));
  }

  @Test
  void terminatedProcessSaysHowToGoOn() throws Exception {
    Process child = start(arguments(LONG, "--checkpoint", kept.toString()));
    awaitEpochs(child);
    child.destroy();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(130, child.exitValue(), err());
    List<String> said = err().lines().toList();
    assertEquals("prune: interrupted; nothing was written", said.get(said.size() - 2));
    String expected =
        "prune: training goes on after step \\d+ with: prune "
            + String.join(" ", arguments(LONG))
            + " --resume '"
            + kept
            + "'";
    assertTrue(said.get(said.size() - 1).matches(expected), err());
    assertFalse(Files.exists(output));
    assertTrue(Files.exists(kept.resolve("checkpoint.bin")));
  }

  @Test
  void withoutCheckpointsNothingIsKept() throws Exception {
    Process child = start(arguments(LONG));
    awaitEpochs(child);
    child.destroy();
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(130, child.exitValue(), err());
    assertTrue(
        err().endsWith("nothing of the training is kept; with --checkpoint DIR it could go on\n"));
  }
}
