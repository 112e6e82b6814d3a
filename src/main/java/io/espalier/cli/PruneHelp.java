package io.espalier.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The words of {@code prune --help} around the options. */
final class PruneHelp {
  private static final int WIDTH = 90;
  private static final int OPTION_COLUMN = 32;

  private PruneHelp() {}

  /** Gives a command's help the look that all have. */
  static UsageMessageSpec layOut(CommandSpec spec) {
    spec.parser().separator(" ");
    return spec.usageMessage().width(WIDTH).longOptionsMaxWidth(OPTION_COLUMN).sortOptions(false);
  }

  static void addTo(CommandSpec spec) {
    UsageMessageSpec usage = layOut(spec);
    usage.customSynopsis(
        "prune [OPTIONS] MODEL [-o OUT]",
        "       prune --recipe FILE.yaml          (options, and a model or a network, from a file)",
        "       prune train MODEL --data D --epochs N   (training alone)",
        "       prune evaluate MODEL --data D     (what a model is worth)",
        "       prune inspect MODEL               (what a model holds)",
        "       prune bench MODEL...              (how fast models are, side by side)",
        "       prune compare A B                 (in what two models differ)",
        "       prune completion                  (options of bash and zsh)",
        "       prune SUBCOMMAND --help           (says more)");
    usage.description(
        "",
        "Sets the weights of an ONNX model that matter least to zero, checks the result on",
        "onnxruntime and reports what that did to size, outputs, accuracy and speed.",
        "");
    usage.footer(
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
        "  0 done   1 failed   2 wrong usage   3 a demand is not met   130 interrupted");
  }
}
