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
  public CommandForm form() {
    return ofPruning();
  }

  /** The form of the command that has no word of its own; a recipe may say what the model is. */
  static CommandForm ofPruning() {
    return new CommandForm(
        Main.NAME,
        List.of(Options.models("MODEL", "0", Path.class).toBuilder().required(false).build()),
        PruneOptions.sections(),
        List.of(
            "prune [OPTIONS] MODEL [-o OUT]",
            "       prune --recipe FILE.yaml          (options, and a model or a network, from a file)",
            "       prune train MODEL --data D --epochs N   (training alone)",
            "       prune evaluate MODEL --data D     (what a model is worth)",
            "       prune inspect MODEL               (what a model holds)",
            "       prune bench MODEL...              (how fast models are, side by side)",
            "       prune compare A B                 (in what two models differ)",
            "       prune completion                  (options of bash and zsh)",
            "       prune SUBCOMMAND --help           (says more)"),
        List.of(
            "",
            "Sets the weights of an ONNX model that matter least to zero, checks the result on",
            "onnxruntime and reports what that did to size, outputs, accuracy and speed.",
            ""),
        List.of(
            "",
            "--report, --include, --exclude, --layer, --input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune model.onnx",
            "  prune model.onnx -o small.onnx.xz --sparsity 80%% --scope global",
            "  prune model.onnx --granularity 2:4 --exclude 'head*' --report pruning.md",
            "  prune model.onnx --layer 'conv*=0.3' --test digits.npz#test --max-accuracy-drop 0.5pp",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage   3 a demand is not met   130 interrupted"));
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
