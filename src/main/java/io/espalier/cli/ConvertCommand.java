package io.espalier.cli;

import io.espalier.cli.CommandForm.Section;
import io.espalier.pipeline.Converter;
import io.espalier.report.ConversionText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** Brings a model of Keras into the ONNX format: {@code prune convert MODEL}. */
final class ConvertCommand implements Command {
  @Override
  public CommandForm form() {
    return new CommandForm(
        Main.NAME + " convert",
        List.of(Options.models("MODEL", "0", Path.class)),
        List.of(
            new Section(
                "Files",
                List.of(
                    Options.path(
                        "OUT",
                        "Write the ONNX model here. Default: NAME.onnx beside MODEL.",
                        "-o",
                        "--output"),
                    Options.force(),
                    Options.architecture(),
                    Options.inputLayout(),
                    PruneOptions.opset())),
            new Section("How the weights are written", PruneOptions.storageOptions()),
            new Section(
                "Other",
                List.of(
                    Options.flag(
                        "Do not let onnxruntime open the result beforehand.", "--no-verify"),
                    Options.json(),
                    Options.stacktrace(),
                    Options.help()))),
        List.of("prune convert [OPTIONS] MODEL [-o OUT]"),
        List.of(
            "",
            "Brings a model that Keras saved (.h5, .hdf5, .keras) into the ONNX format, or lays down",
            "the weights of an ONNX model in another way (--storage). Weights, names and what the",
            "model computes stay.",
            ""),
        List.of(
            "",
            "Examples",
            "  prune convert model.h5",
            "  prune convert model.pruned.onnx --storage auto -o small.onnx.xz",
            "",
            "Exit codes",
            "  0 done   1 failed   2 wrong usage"));
  }

  @Override
  public int run(ParseResult arguments, Terminal terminal) throws IOException {
    Path model = arguments.matchedPositionalValue(0, null);
    Converter.Plan plan = PruneCommand.options(arguments).conversion(model);
    NativeCache.use();
    Result.of(
        listener -> Converter.convert(plan, listener), ConversionText::render, arguments, terminal);
    return ExitCode.DONE;
  }
}
