package io.espalier.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** Trains one model and prunes nothing: {@code prune train MODEL --data D --epochs N}. */
final class TrainCommand implements Command {
  private final RecipeRun run;

  TrainCommand(PruneCommand.Runner runner) {
    this.run = new RecipeRun(runner, List.of("train"));
  }

  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " train",
        List.of(Options.models("MODEL", "0", Path.class)),
        PruneOptions.sectionsOfTraining(),
        List.of("prune train [OPTIONS] MODEL --data DATA --epochs N [-o OUT]"),
        List.of(
            "",
            "Trains an ONNX model on labelled samples, on onnxruntime, and prunes nothing: zeros",
            "in the weights are trained like any other number.",
            ""),
        List.of(
            "",
            "--report, --freeze, --input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune train model.onnx --data digits.npz#train --test digits.npz#test --epochs 5",
            "  prune train model.onnx --data a.npz --epochs 20 --optimizer momentum --lr 0.05 \\",
            "    --lr-schedule cosine --validation-split 0.1 --early-stopping val_accuracy:5",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage   3 a demand is not met   130 interrupted"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    return run.run(PruneCommand.options(arguments).training(model), arguments, terminal);
  }

  @Override
  public Optional<String> remedy() {
    return run.remedy();
  }
}
