package io.espalier.cli;

import io.espalier.pipeline.Listener;
import io.espalier.pipeline.Recipe;
import io.espalier.pipeline.RecipeOptions;
import io.espalier.report.Report;
import io.espalier.report.Report.GateResult;
import io.espalier.report.TextReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Prunes one model: {@code prune MODEL}. */
final class PruneCommand implements Command {
  /** What runs a recipe. */
  @FunctionalInterface
  interface Runner {
    Report run(Recipe recipe, Listener listener) throws IOException;
  }

  private final RecipeRun run;

  PruneCommand(Runner runner) {
    this.run = new RecipeRun(runner, List.of());
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = named();
    PruneOptions.addTo(spec, PruneOptions.sections());
    return spec;
  }

  @Override
  public CommandSpec helpSpec() {
    return describedSpec();
  }

  /** The options under their headings, with all texts. */
  static CommandSpec describedSpec() {
    CommandSpec spec = named();
    PruneOptions.addWithHeadingsTo(spec, PruneOptions.sections());
    PruneHelp.addTo(spec);
    return spec;
  }

  /** A recipe may say what the model is. */
  private static CommandSpec named() {
    return CommandSpec.create()
        .name(Main.NAME)
        .addPositional(
            Options.models("MODEL", "0", Path.class).toBuilder().required(false).build());
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    return run.run(options(arguments).recipe(model), arguments, terminal);
  }

  @Override
  public Optional<String> remedy() {
    return run.remedy();
  }

  /** Names the gates that are missed; the exit code says whether there are any. */
  static int exitCode(List<GateResult> gates, Terminal terminal) {
    int code = ExitCode.DONE;
    for (GateResult gate : gates) {
      if (!gate.met()) {
        terminal.error(Main.NAME + ": gate missed: " + TextReport.demand(gate));
        code = ExitCode.GATE_MISSED;
      }
    }
    return code;
  }

  /** The options that the arguments hold and a recipe knows. */
  static RecipeOptions options(ParseResult arguments) {
    RecipeOptions options = new RecipeOptions();
    for (OptionSpec option : arguments.matchedOptions()) {
      String name = option.longestName();
      if (PruneOptions.OF_THE_COMMAND.contains(name)) {
        continue;
      }
      String key = name.substring(2);
      if (option.arity().max() == 0) {
        options.flag(key, true);
      } else {
        options.set(key, option.stringValues());
      }
    }
    return options;
  }
}
