package io.espalier.cli;

import io.espalier.pipeline.Converter;
import io.espalier.report.Conversion;
import io.espalier.report.ConversionText;
import io.espalier.report.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Brings a model of Keras into the ONNX format: {@code prune convert MODEL}. */
final class ConvertCommand implements Command {
  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name(Main.NAME + " convert");
    spec.addPositional(Options.models("MODEL", "0", Path.class));
    spec.addOption(
        Options.path(
            "OUT",
            "Write the ONNX model here. Default: NAME.onnx beside MODEL.",
            "-o",
            "--output"));
    spec.addOption(
        Options.path(
            "JSON",
            "What model.to_json() says of the model that MODEL holds the weights of, or the name of "
                + "an application: vgg16.",
            "--architecture"));
    spec.addOption(
        Options.choice(
            List.of("nchw", "nhwc"),
            "Where the inputs have the channels of images. Default: where the model has them.",
            "--input-layout"));
    spec.addOption(Options.flag("Replace OUT even if it is not of prune's making.", "--force"));
    spec.addOption(
        Options.flag("Do not let onnxruntime open the result beforehand.", "--no-verify"));
    spec.addOption(PruneOptions.opset());
    PruneOptions.storageOptions().forEach(spec::addOption);
    return spec.addOption(Options.json()).addOption(Options.stacktrace()).addOption(Options.help());
  }

  @Override
  public CommandSpec helpSpec() {
    CommandSpec spec = spec();
    PruneHelp.layOut(spec);
    spec.usageMessage()
        .customSynopsis(
            "prune convert MODEL [-o OUT] [--architecture JSON] [--input-layout L]%n"
                + "              [--storage FORM] [--max-open-ratio X] [--drop-weight-inputs]%n"
                + "              [--opset N] [--external-data WHICH]%n"
                + "              [--force] [--no-verify] [--json]")
        .description(
            "",
            "Brings a model that Keras saved (.h5, .hdf5, .keras) into the ONNX format, or lays down",
            "the weights of an ONNX model in another way (--storage). Weights, names and what the",
            "model computes stay.",
            "")
        .footer("", "Exit codes", "  0 done   1 failed   2 wrong usage");
    return spec;
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Converter.Plan plan = PruneCommand.options(arguments).conversion(model);
    NativeCache.use();
    Conversion done;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      done = Converter.convert(plan, progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(done)
                : ConversionText.render(done, terminal.columns(), terminal.paint()));
    return ExitCode.DONE;
  }
}
