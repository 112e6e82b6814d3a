package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import io.espalier.pipeline.Comparer;
import io.espalier.report.DifferenceText;
import io.espalier.report.ModelDifference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Says in what two models differ: {@code prune compare A B}. */
final class CompareCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " compare",
        List.of(Options.models("A", "0", Path.class), Options.models("B", "1", Path.class)),
        List.of(
            new Section(
                "What the models are run on",
                Options.together(
                    Options.samples(
                        "Samples to compare both models on: [npz:|idx:]PATH[#part]. "
                            + "Default: random inputs."),
                    Options.inputs())),
            new Section(
                "Demands; if one is missed, the exit code is 3", Options.gatesOnRuns("A's")),
            new Section(
                "How it is run",
                List.of(Options.device(), Options.threads("onnxruntime"), Options.seed())),
            Options.ofResults()),
        List.of("prune compare [OPTIONS] A B"),
        List.of(
            "",
            "Says in what two models differ: what they declare, their nodes and constants by name,",
            "and, on onnxruntime, their outputs on the same inputs.",
            ""),
        List.of(
            "",
            "--input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune compare model.onnx model.pruned.onnx",
            "  prune compare a.onnx b.onnx.xz --test digits.npz#test --max-output-diff 0.01",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage   3 a demand is not met"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path a = arguments.matchedPositionalValue(0, null);
    Path b = arguments.matchedPositionalValue(1, null);
    Comparer.Plan plan = PruneCommand.options(arguments).comparison(a, b);
    NativeCache.use();
    ModelDifference found =
        Result.of(
            listener -> Comparer.compare(plan, listener),
            DifferenceText::render,
            arguments,
            terminal);
    return PruneCommand.exitCode(found.gates(), terminal);
  }
}
