package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Golden;
import io.espalier.onnx.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SubcommandTest {
  @TempDir Path folder;
  private final RecordingTerminal terminal = new RecordingTerminal(false);
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = folder.resolve("m.onnx");
    Files.write(model, Models.perceptron().build().toByteArray());
  }

  private int run(String... arguments) {
    return Main.run(null, terminal.terminal(), arguments);
  }

  @ParameterizedTest
  @EnumSource
  void helpIsAsItWas(Subcommand subcommand) throws IOException {
    assertEquals(ExitCode.DONE, run(subcommand.word(), "--help"));
    Golden.check(subcommand.word() + "-help.txt", terminal.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "inspect|Missing required parameter: 'MODEL'",
        "inspect a b|Unmatched argument at index 1: 'b'",
        "bench|Missing required parameter: 'MODEL'",
        "bench a --batch 0|--batch: expected 1 or more, got 0",
        "bench a --sparsity 0.5|Unknown option: '--sparsity'",
        "compare a|Missing required parameter: 'B'",
        "inspect a --jsn|Unknown option: '--jsn'; did you mean --json?",
      })
  void wrongUseIsToldInOneLine(String arguments, String message) {
    String[] words = arguments.split(" ");
    assertEquals(ExitCode.USAGE, run(words));
    assertEquals(
        "prune: " + message + "\n'prune " + words[0] + " --help' says what there is.\n",
        terminal.err());
  }

  @Test
  void inspectsAsTextAndAsJson() {
    assertEquals(ExitCode.DONE, run("inspect", model.toString()));
    assertTrue(terminal.out().startsWith(model + "\nFile "), terminal.out());
    RecordingTerminal other = new RecordingTerminal(false);
    assertEquals(
        ExitCode.DONE, Main.run(null, other.terminal(), "inspect", "--json", model.toString()));
    assertTrue(other.out().startsWith("{\n  \"schemaVersion\": 1,"), other.out());
    assertEquals("", terminal.err() + other.err());
  }

  @Test
  void benchFailsInTheEndIfOneModelDoes() {
    assertEquals(ExitCode.FAILED, run("bench", model.toString(), "none.onnx", "--seconds", "0.01"));
    assertTrue(terminal.out().contains("\n  no such file or directory\n    none.onnx\n"));
    assertEquals("prune: 1 of 2 could not be measured\n", terminal.err());
  }

  @Test
  void comparesAndHoldsTheGate() throws IOException {
    Path other = folder.resolve("o.onnx");
    Files.write(
        other,
        Models.perceptron()
            .setGraph(
                Models.perceptron().getGraph().toBuilder()
                    .setInitializer(1, Models.random("b1", 77, 16)))
            .build()
            .toByteArray());
    assertEquals(ExitCode.DONE, run("compare", model.toString(), other.toString()));
    assertTrue(terminal.out().contains("Constants   3 the same, 1 changed"), terminal.out());
    assertEquals(
        ExitCode.GATE_MISSED,
        run("compare", model.toString(), other.toString(), "--max-output-diff", "0"));
    assertTrue(terminal.err().startsWith("prune: gate missed: max-output-diff: asked at most 0"));
  }

  @Test
  void absentModelIsToldInOneLine() {
    assertEquals(ExitCode.FAILED, run("inspect", "none.onnx"));
    assertEquals("prune: none.onnx: no such file or directory\n", terminal.err());
  }

  @Test
  void completionKnowsTheSubcommands() {
    assertEquals(ExitCode.DONE, run("completion"));
    for (Subcommand subcommand : Subcommand.values()) {
      assertTrue(terminal.out().contains(subcommand.word()));
    }
    assertTrue(terminal.out().contains("--json"));
  }
}
