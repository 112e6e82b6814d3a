package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import io.espalier.pipeline.Benchmarker;
import io.espalier.report.Benchmark;
import io.espalier.report.BenchmarkText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Measures models side by side: {@code prune bench MODEL...}. */
final class BenchCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " bench",
        List.of(Options.models("MODEL", "0..*", List.class)),
        List.of(
            new Section(
                "How it is measured",
                List.of(
                    Options.device(),
                    Options.threads("each model"),
                    Options.one("S", "Run each model for S seconds. Default: 2.", "--seconds"),
                    Options.one(
                        "N",
                        "Samples that one run processes, where the model leaves that open.",
                        "--batch"),
                    Options.seed())),
            new Section("What the models are run on", Options.inputs()),
            Options.ofResults()),
        List.of("prune bench [OPTIONS] MODEL..."),
        List.of(
            "",
            "Measures on onnxruntime how long models take to open and to run. Models that take the",
            "same inputs run in turn, so that what else the machine does hits all of them.",
            ""),
        List.of(
            "",
            "--input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune bench model.onnx model.pruned.onnx",
            "  prune bench *.onnx --threads 1 --batch 32 --json",
            "",
            "Exit codes",
            "  0 done   1 a model could not be measured   2 wrong usage"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    List<Path> models = arguments.matchedPositionalValue(0, List.of());
    Benchmarker.Plan plan = PruneCommand.options(arguments).benchmark(models);
    NativeCache.use();
    Benchmark found =
        Result.of(
            listener -> Benchmarker.run(plan, listener),
            BenchmarkText::render,
            arguments,
            terminal);
    long failed = found.models().stream().filter(model -> model.failure() != null).count();
    if (failed > 0) {
      terminal.error(
          Main.NAME + ": " + failed + " of " + found.models().size() + " could not be measured");
      return ExitCode.FAILED;
    }
    return ExitCode.DONE;
  }
}
