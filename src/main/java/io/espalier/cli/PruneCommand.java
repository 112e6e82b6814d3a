package io.espalier.cli;

import io.espalier.pipeline.InterruptedRunException;
import io.espalier.pipeline.Listener;
import io.espalier.pipeline.Recipe;
import io.espalier.pipeline.RecipeOptions;
import io.espalier.report.Report;
import io.espalier.report.Report.GateResult;
import io.espalier.report.TextReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A step of a large model takes its time, and so does a large checkpoint. */
  private static final Duration PATIENCE_WITH_TRAINING = Duration.ofSeconds(60);

  private final Runner runner;
  private String remedy;

  PruneCommand(Runner runner) {
    this.runner = runner;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        CommandSpec.create()
            .name(Main.NAME)
            .addPositional(Options.models("MODEL", "0", Path.class));
    PruneOptions.addTo(spec, PruneOptions.sections());
    return spec;
  }

  @Override
  public CommandSpec helpSpec() {
    return describedSpec();
  }

  /** The options under their headings, with all texts. */
  static CommandSpec describedSpec() {
    CommandSpec spec =
        CommandSpec.create()
            .name(Main.NAME)
            .addPositional(Options.models("MODEL", "0", Path.class));
    PruneOptions.addWithHeadingsTo(spec, PruneOptions.sections());
    PruneHelp.addTo(spec);
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    boolean quiet = arguments.hasMatchedOption(PruneOptions.QUIET);
    Path model = arguments.matchedPositionalValue(0, null);
    Report report = run(options(arguments).recipe(model), arguments, terminal, quiet);
    if (!quiet) {
      terminal.out().print(TextReport.render(report, terminal.columns(), terminal.paint()));
    }
    return exitCode(report.gates(), terminal);
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

  /** Runs until done or interrupted; once the process ends, anything may fail for that reason. */
  private Report run(Recipe recipe, ParseResult arguments, Terminal terminal, boolean quiet)
      throws IOException {
    boolean trains = recipe.training().isOn();
    try (Interruption interruption =
            Interruption.watch(trains ? PATIENCE_WITH_TRAINING : PATIENCE);
        Progress progress = Progress.on(terminal, quiet, interruption)) {
      try {
        return runner.run(recipe, progress);
      } catch (RuntimeException | IOException e) {
        progress.kept().ifPresent(kept -> remedy = goingOn(kept, arguments.originalArgs()));
        if (interruption.asked()) {
          if (remedy == null && trains) {
            remedy = "nothing of the training is kept; with --checkpoint DIR it could go on";
          }
          throw new InterruptedRunException();
        }
        throw e;
      }
    }
  }

  private static String goingOn(Progress.Kept kept, List<String> arguments) {
    return "training goes on after step %d with: %s"
        .formatted(kept.step(), CommandLineText.resuming(arguments, kept.folder()));
  }

  @Override
  public Optional<String> remedy() {
    return Optional.ofNullable(remedy);
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
