package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import io.espalier.pipeline.Evaluator;
import io.espalier.report.EvaluationText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Says what a model is worth on labelled samples: {@code prune evaluate MODEL --data D}. */
final class EvaluateCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " evaluate",
        List.of(Options.models("MODEL", "0", Path.class)),
        List.of(
            new Section(
                "What the model is judged on",
                Options.together(
                    Options.samples("Labelled samples: [npz:|idx:]PATH[#part]."),
                    List.of(
                        Options.one("DATA", "Labelled samples to validate on.", "--validation"),
                        Options.one(
                            "NAME",
                            "auto (by the last layer), cross-entropy, binary, mse or mae. "
                                + "Default: auto.",
                            "--loss"),
                        Options.paths(
                            "LIB",
                            "A library of custom operators for onnxruntime.",
                            "--custom-ops")))),
            new Section("How it is run", List.of(Options.device(), Options.threads("onnxruntime"))),
            new Section(
                "Other",
                List.of(
                    Options.json(),
                    Options.paths(
                        "FILE", "Write the result here too, as .json or .md says.", "--report"),
                    Options.stacktrace(),
                    Options.help()))),
        List.of("prune evaluate [OPTIONS] MODEL --data DATA"),
        List.of(
            "",
            "Says what a model is worth on labelled samples: loss and accuracy, precision and recall",
            "of each class, the confusion matrix; for numbers to reach their errors. --data,",
            "--validation and --test stand in one table.",
            ""),
        List.of(
            "",
            "--custom-ops and --report can be repeated.",
            "",
            "Examples",
            "  prune evaluate model.onnx --test digits.npz#test",
            "  prune evaluate model.onnx --data digits.npz#train --test digits.npz#test --json",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Evaluator.Plan plan = PruneCommand.options(arguments).evaluation(model);
    NativeCache.use();
    Result.of(
        listener -> Evaluator.evaluate(plan, listener),
        EvaluationText::render,
        arguments,
        terminal);
    return ExitCode.DONE;
  }
}
