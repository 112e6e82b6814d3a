package io.espalier.cli;

import io.espalier.pipeline.Comparer;
import io.espalier.report.DifferenceText;
import io.espalier.report.Json;
import io.espalier.report.ModelDifference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Says in what two models differ: {@code prune compare A B}. */
final class CompareCommand implements Command {
  private static List<PruneOptions.Section> sections() {
    return List.of(
        new PruneOptions.Section(
            "What the models are run on",
            Options.together(
                Options.samples(
                    "Samples to compare both models on: [npz:|idx:]PATH[#part]. "
                        + "Default: random inputs."),
                Options.inputs())),
        new PruneOptions.Section(
            "Demands; if one is missed, the exit code is 3", Options.gatesOnRuns("A's")),
        new PruneOptions.Section(
            "How it is run",
            List.of(Options.device(), Options.threads("onnxruntime"), Options.seed())),
        new PruneOptions.Section(
            "Other", List.of(Options.json(), Options.stacktrace(), Options.help())));
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
        .customSynopsis("prune compare [OPTIONS] A B")
        .description(
            "",
            "Says in what two models differ: what they declare, their nodes and constants by name,",
            "and, on onnxruntime, their outputs on the same inputs.",
            "")
        .footer(
            "",
            "--input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune compare model.onnx model.pruned.onnx",
            "  prune compare a.onnx b.onnx.xz --test digits.npz#test --max-output-diff 0.01",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage   3 a demand is not met");
    return spec;
  }

  private static CommandSpec named() {
    return CommandSpec.create()
        .name(Main.NAME + " compare")
        .addPositional(Options.models("A", "0", Path.class))
        .addPositional(Options.models("B", "1", Path.class));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path a = arguments.matchedPositionalValue(0, null);
    Path b = arguments.matchedPositionalValue(1, null);
    Comparer.Plan plan = PruneCommand.options(arguments).comparison(a, b);
    NativeCache.use();
    ModelDifference found;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      found = Comparer.compare(plan, progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(found)
                : DifferenceText.render(found, terminal.columns(), terminal.paint()));
    return PruneCommand.exitCode(found.gates(), terminal);
  }
}
