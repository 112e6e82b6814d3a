package io.espalier.cli;

import io.espalier.pipeline.Evaluator;
import io.espalier.report.Evaluation;
import io.espalier.report.EvaluationText;
import io.espalier.report.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Says what a model is worth on labelled samples: {@code prune evaluate MODEL --data D}. */
final class EvaluateCommand implements Command {
  private static List<PruneOptions.Section> sections() {
    return List.of(
        new PruneOptions.Section(
            "What the model is judged on",
            Options.together(
                Options.samples("Labelled samples: [npz:|idx:]PATH[#part]."),
                List.of(
                    Options.one("DATA", "Labelled samples to validate on.", "--validation"),
                    Options.one(
                        "NAME",
                        "auto (by the last layer), cross-entropy, binary, mse or mae. Default: auto.",
                        "--loss"),
                    Options.paths(
                        "LIB", "A library of custom operators for onnxruntime.", "--custom-ops")))),
        new PruneOptions.Section(
            "How it is run", List.of(Options.device(), Options.threads("onnxruntime"))),
        new PruneOptions.Section(
            "Other",
            List.of(
                Options.json(),
                Options.paths(
                    "FILE", "Write the result here too, as .json or .md says.", "--report"),
                Options.stacktrace(),
                Options.help())));
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = named();
    PruneOptions.addTo(spec, sections());
    return spec;
  }

  @Override
  public CommandSpec helpSpec() {
    CommandSpec spec = named();
    PruneOptions.addWithHeadingsTo(spec, sections());
    PruneHelp.layOut(spec)
        .customSynopsis("prune evaluate [OPTIONS] MODEL --data DATA")
        .description(
            "",
            "Says what a model is worth on labelled samples: loss and accuracy, precision and recall",
            "of each class, the confusion matrix; for numbers to reach their errors. --data,",
            "--validation and --test stand in one table.",
            "")
        .footer(
            "",
            "--custom-ops and --report can be repeated.",
            "",
            "Examples",
            "  prune evaluate model.onnx --test digits.npz#test",
            "  prune evaluate model.onnx --data digits.npz#train --test digits.npz#test --json",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage");
    return spec;
  }

  private static CommandSpec named() {
    return CommandSpec.create()
        .name(Main.NAME + " evaluate")
        .addPositional(Options.models("MODEL", "0", Path.class));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Evaluator.Plan plan = PruneCommand.options(arguments).evaluation(model);
    NativeCache.use();
    Evaluation found;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      found = Evaluator.evaluate(plan, progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(found)
                : EvaluationText.render(found, terminal.columns(), terminal.paint()));
    return ExitCode.DONE;
  }
}
