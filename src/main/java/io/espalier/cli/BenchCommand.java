package io.espalier.cli;

import io.espalier.pipeline.Benchmarker;
import io.espalier.report.Benchmark;
import io.espalier.report.BenchmarkText;
import io.espalier.report.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Measures models side by side: {@code prune bench MODEL...}. */
final class BenchCommand implements Command {
  private static List<PruneOptions.Section> sections() {
    return List.of(
        new PruneOptions.Section(
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
        new PruneOptions.Section("What the models are run on", Options.inputs()),
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
        .customSynopsis("prune bench [OPTIONS] MODEL...")
        .description(
            "",
            "Measures on onnxruntime how long models take to open and to run. Models that take the",
            "same inputs run in turn, so that what else the machine does hits all of them.",
            "")
        .footer(
            "",
            "--input, --dim, --custom-ops can be repeated.",
            "",
            "Examples",
            "  prune bench model.onnx model.pruned.onnx",
            "  prune bench *.onnx --threads 1 --batch 32 --json",
            "",
            "Exit codes",
            "  0 done   1 a model could not be measured   2 wrong usage");
    return spec;
  }

  private static CommandSpec named() {
    return CommandSpec.create()
        .name(Main.NAME + " bench")
        .addPositional(Options.models("MODEL", "0..*", List.class));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    List<Path> models = arguments.matchedPositionalValue(0, List.of());
    Benchmarker.Plan plan = PruneCommand.options(arguments).benchmark(models);
    NativeCache.use();
    Benchmark found;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      found = Benchmarker.run(plan, progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(found)
                : BenchmarkText.render(found, terminal.columns(), terminal.paint()));
    long failed = found.models().stream().filter(model -> model.failure() != null).count();
    if (failed > 0) {
      terminal.error(
          Main.NAME + ": " + failed + " of " + found.models().size() + " could not be measured");
      return ExitCode.FAILED;
    }
    return ExitCode.DONE;
  }
}
