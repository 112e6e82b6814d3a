package io.espalier.cli;

import io.espalier.pipeline.InterruptedRunException;
import io.espalier.pipeline.Recipe;
import io.espalier.report.Report;
import io.espalier.report.TextReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** A recipe run on behalf of a command: progress, interruption, report, exit code. */
final class RecipeRun {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A step of a large model takes its time, and so does a large checkpoint. */
  private static final Duration PATIENCE_WITH_TRAINING = Duration.ofSeconds(60);

  private final PruneCommand.Runner runner;
  private final List<String> words;
  private String remedy;

  /**
   * A run.
   *
   * @param words of the command line before its own arguments
   */
  RecipeRun(PruneCommand.Runner runner, List<String> words) {
    this.runner = runner;
    this.words = words;
  }

  /** Runs a recipe, prints the report and gives the exit code. */
  int run(Recipe recipe, ParseResult arguments, Terminal terminal) throws IOException {
    boolean quiet = arguments.hasMatchedOption(PruneOptions.QUIET);
    Report report = report(recipe, arguments, terminal, quiet);
    if (!quiet) {
      terminal.out().print(TextReport.render(report, terminal.columns(), terminal.paint()));
    }
    return PruneCommand.exitCode(report.gates(), terminal);
  }

  /** Runs until done or interrupted; once the process ends, anything may fail for that reason. */
  private Report report(Recipe recipe, ParseResult arguments, Terminal terminal, boolean quiet)
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

  private String goingOn(Progress.Kept kept, List<String> arguments) {
    List<String> all = new ArrayList<>(words);
    all.addAll(arguments);
    return "training goes on after step %d with: %s"
        .formatted(kept.step(), CommandLineText.resuming(all, kept.folder()));
  }

  /** What the user can do once it has failed. */
  Optional<String> remedy() {
    return Optional.ofNullable(remedy);
  }
}
