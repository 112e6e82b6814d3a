package io.espalier.cli;

import io.espalier.pipeline.Inspector;
import io.espalier.report.InspectionText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Says what a model file holds: {@code prune inspect MODEL}. */
final class InspectCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " inspect",
        List.of(Options.models("MODEL", "0", Path.class)),
        List.of(Options.ofResults()),
        List.of("prune inspect MODEL [--json]"),
        List.of(
            "",
            "Says what a model file holds: versions, inputs and outputs, operators, constants, and",
            "which weights prune would take. The model is not run.",
            ""),
        List.of("", "Exit codes", "  0 done   1 failed   2 wrong usage"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Result.of(
        listener -> Inspector.inspect(model, listener),
        InspectionText::render,
        arguments,
        terminal);
    return ExitCode.DONE;
  }
}
