package io.espalier.cli;

import io.espalier.pipeline.Inspector;
import io.espalier.report.Inspection;
import io.espalier.report.InspectionText;
import io.espalier.report.Json;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Says what a model file holds: {@code prune inspect MODEL}. */
final class InspectCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name(Main.NAME + " inspect");
    spec.addPositional(Options.models("MODEL", "0", Path.class));
    return spec.addOption(Options.json()).addOption(Options.stacktrace()).addOption(Options.help());
  }

  @Override
  public CommandSpec helpSpec() {
    CommandSpec spec = spec();
    PruneHelp.layOut(spec);
    spec.usageMessage()
        .customSynopsis("prune inspect MODEL [--json]")
        .description(
            "",
            "Says what a model file holds: versions, inputs and outputs, operators, constants, and",
            "which weights prune would take. The model is not run.",
            "")
        .footer("", "Exit codes", "  0 done   1 failed   2 wrong usage");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Inspection found;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      found = Inspector.inspect(model, progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(found)
                : InspectionText.render(found, terminal.columns(), terminal.paint()));
    return ExitCode.DONE;
  }
}
