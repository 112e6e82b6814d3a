package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Golden;
import io.espalier.graph.MalformedModelException;
import io.espalier.pipeline.InterruptedRunException;
import io.espalier.pipeline.Recipe;
import io.espalier.report.Report;
import io.espalier.report.Report.GateResult;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  private final RecordingTerminal terminal = new RecordingTerminal(false);
  private Recipe recipe;

  private int run(PruneCommand.Runner runner, String... arguments) {
    return Main.run(new PruneCommand(runner), terminal.terminal(), arguments);
  }

  private int runThrowing(Throwable failure, String... arguments) {
    return run(
        (asked, listener) -> {
          throw MainTest.<RuntimeException>unchecked(failure);
        },
        arguments);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable failure) throws T {
    throw (T) failure;
  }

  private Report remember(Recipe asked) {
    recipe = asked;
    return report(List.of());
  }

  private static Report report(List<GateResult> gates) {
    return new Report(
        1,
        "1",
        new Report.Input("m.onnx", 1, null, null, null, null, null),
        null,
        null,
        null,
        null,
        List.of(),
        null,
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        gates,
        List.of(),
        List.of(),
        1.0);
  }

  @Test
  void helpIsAsItWas() throws IOException {
    assertEquals(ExitCode.DONE, run(null, "--help"));
    Golden.check("prune-help.txt", terminal.out());
    assertEquals("", terminal.err());
  }

  @Test
  void printsTheReportAndNothingElse() {
    int code = run((asked, listener) -> remember(asked), "m.onnx", "--sparsity=80%");
    assertEquals(ExitCode.DONE, code);
    assertEquals(0.8, recipe.pruning().orElseThrow().sparsity());
    assertTrue(terminal.out().startsWith("m.onnx: nothing was written\n"), terminal.out());
    assertEquals("", terminal.err());
  }

  @Test
  void quietPrintsNothing() {
    assertEquals(ExitCode.DONE, run((asked, listener) -> remember(asked), "-q", "m.onnx"));
    assertEquals("", terminal.out() + terminal.err());
  }

  @Test
  void missedGateIsToldAndIsAnExitCodeOfItsOwn() {
    List<GateResult> gates =
        List.of(
            new GateResult("min-sparsity", "70%", "71%", true),
            new GateResult("max-bytes", "1 KiB", "2 KiB", false));
    int code = run((asked, listener) -> report(gates), "-q", "m.onnx");
    assertEquals(ExitCode.GATE_MISSED, code);
    assertEquals("prune: gate missed: max-bytes: asked 1 KiB, got 2 KiB\n", terminal.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|Missing required parameter: 'MODEL'; name a model, or a --recipe that has one",
        "m.onnx --sparsty 0.5|Unknown options: '--sparsty', '0.5'; did you mean --sparsity?",
        "m.onnx n.onnx|Unmatched argument at index 1: 'n.onnx'",
        "m.onnx --threads|Missing required parameter for option '--threads' (N)",
        "m.onnx -o a -o b|option '--output' (OUT) should be specified only once",
        "m.onnx --seed x|--seed: expected a whole number, got 'x'",
      })
  void wrongUseIsToldInOneLineWithAHint(String arguments, String message) {
    String[] words = arguments == null ? new String[0] : arguments.split(" ");
    assertEquals(ExitCode.USAGE, run((asked, listener) -> remember(asked), words));
    assertEquals("prune: " + message + "\n'prune --help' says what there is.\n", terminal.err());
    assertEquals("", terminal.out());
  }

  @Test
  void failuresAreToldInOneLine() {
    assertEquals(1, runThrowing(new MalformedModelException("m.onnx: bad\nvery \u001bbad"), "m"));
    assertEquals(1, runThrowing(new NoSuchFileException("m.onnx"), "m"));
    assertEquals(
        1, runThrowing(new FileSystemException("o.onnx", null, "No space left on device"), "m"));
    assertEquals(130, runThrowing(new InterruptedRunException(), "m"));
    assertEquals(
        """
        prune: m.onnx: bad very ?bad
        prune: m.onnx: no such file or directory
        prune: o.onnx: No space left on device
        prune: interrupted; nothing was written
        """,
        terminal.err());
    assertEquals("", terminal.out());
  }

  @Test
  void unexpectedFailuresAreToldToo() {
    assertEquals(1, runThrowing(new OutOfMemoryError("Java heap space"), "m"));
    assertEquals(1, runThrowing(new StackOverflowError(), "m"));
    assertEquals(1, runThrowing(new IllegalStateException("odd"), "m"));
    List<String> lines = terminal.err().lines().toList();
    assertTrue(lines.get(0).startsWith("prune: out of memory: Java was given a heap of "));
    assertTrue(lines.get(1).startsWith("prune: the model is nested deeper"));
    assertEquals("prune: internal error: IllegalStateException: odd", lines.get(2));
    assertEquals("This should not happen; --stacktrace shows where it did.", lines.get(3));
  }

  @Test
  void traceIsShownOnDemandOnly() {
    runThrowing(new NoSuchFileException("m"), "m");
    assertFalse(terminal.err().contains("\tat "), terminal.err());
    runThrowing(new NoSuchFileException("m"), "m", "--stacktrace");
    assertTrue(terminal.err().contains("\tat "), terminal.err());
  }

  @Test
  void namesMayBeginWithAnAtSign() {
    run((asked, listener) -> remember(asked), "@m.onnx");
    assertEquals(Path.of("@m.onnx"), recipe.model());
  }

  @Test
  void modelNamedLikeASubcommandIsReachedByAPath() {
    run((asked, listener) -> remember(asked), "./completion");
    assertEquals(Path.of("./completion"), recipe.model());
  }

  @Test
  void completionKnowsEveryOption() {
    assertEquals(ExitCode.DONE, run(null, "completion"));
    for (CommandForm.Section section : PruneOptions.sections()) {
      section
          .options()
          .forEach(option -> assertTrue(terminal.out().contains(option.longestName())));
    }
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertEquals(ExitCode.DONE, run(null, "--version"));
    assertTrue(terminal.out().matches("espalier [0-9].*\n"), terminal.out());
  }
}
