package io.espalier.cli;

import static io.espalier.cli.Options.choice;
import static io.espalier.cli.Options.flag;
import static io.espalier.cli.Options.many;
import static io.espalier.cli.Options.one;
import static io.espalier.cli.Options.path;
import static io.espalier.cli.Options.paths;

import io.espalier.cli.CommandForm.Section;
import io.espalier.prune.Codebook;
import io.espalier.prune.Criterion;
import io.espalier.prune.Granularity;
import io.espalier.prune.Scope;
import io.espalier.prune.WeightSharing;
import io.espalier.storage.StorageOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of {@code prune}, in the order of its help. Their names are those that {@link
 * io.espalier.pipeline.RecipeOptions} reads, and it alone knows what their texts mean: to this
 * class they are texts.
 */
final class PruneOptions {
  static final String QUIET = "--quiet";

  /** Options that say nothing about the run. */
  static final Set<String> OF_THE_COMMAND = Set.of(QUIET, "--stacktrace", Options.JSON);

  private PruneOptions() {}

  /** All sections. */
  static List<Section> sections() {
    return List.of(
        withRecipe(files("pruned")),
        weights(),
        TrainingOptionSpecs.section(),
        TrainingOptionSpecs.schedule(),
        data(
            "Samples to train on and to compare both models on: [npz:|idx:]PATH[#part]. "
                + "Default: random inputs."),
        storage(),
        gates(List.of(minSparsity())),
        execution(List.of(flag("Say what would be pruned and stop.", "--dry-run"))),
        command());
  }

  /** Those of a run that trains and does not prune. */
  static List<Section> sectionsOfTraining() {
    return List.of(
        files("trained"),
        TrainingOptionSpecs.section(),
        data("Labelled samples to train on: [npz:|idx:]PATH[#part]."),
        storage(),
        gates(List.of()),
        execution(List.of()),
        command());
  }

  private static Section withRecipe(Section files) {
    return new Section(
        files.heading(),
        Options.together(
            List.of(
                path(
                    "FILE.yaml",
                    "Take options, and a model or a network, from a recipe; what is given here "
                        + "comes first.",
                    "--recipe")),
            files.options()));
  }

  private static Section files(String made) {
    return new Section(
        "Files",
        List.of(
            path(
                "OUT",
                "Write the %1$s model here; .gz, .xz, .zst or .bz2 compresses it, .tar.xz or .zip bundles it. Default: "
                        .formatted(made)
                    + "NAME.%s.onnx beside MODEL.".formatted(made),
                "-o",
                "--output"),
            Options.force(),
            Options.architecture(),
            Options.inputLayout(),
            paths("FILE", "Write the report here too, as .json or .md says.", "--report")));
  }

  private static Section weights() {
    return new Section(
        "What is pruned",
        List.of(
            one("S", "Share of zeros to reach: 0.8 or 80%%. Default: 0.5.", "--sparsity"),
            choice(
                names(Scope.values()),
                "Whether each layer reaches S by itself, or all weights do "
                    + "together. Default: layer.",
                "--scope"),
            one(
                "UNIT",
                "What is kept or zeroed as one: element, blocks of "
                    + "ROWSxCOLUMNS, or N:M, which keeps N of every M. Default: "
                    + "element.",
                "--granularity"),
            choice(
                names(Criterion.values()),
                "What an element is worth: its magnitude (l1), its square (l2), "
                    + "or a random number. Default: l1.",
                "--criterion"),
            choice(
                names(Granularity.Pooling.values()),
                "How the worths of a block's elements become the block's. " + "Default: average.",
                "--block-pooling"),
            many(
                "GLOB",
                "Prune only weights whose name, or whose node's name, matches.",
                "--include"),
            many("GLOB", "Leave these alone, whatever --include says.", "--exclude"),
            many(
                "GLOB=S",
                "A sparsity of its own for what GLOB matches; the first match " + "counts.",
                "--layer"),
            one("N", "Leave weights of fewer than N elements alone. Default: 64.", "--min-size"),
            flag("Prune the kernels of depthwise convolutions too.", "--prune-depthwise"),
            flag("Prune the tables that Gather reads too.", "--prune-embeddings")));
  }

  private static Section data(String samples) {
    return new Section(
        "What the models are run on",
        Options.together(
            Options.together(Options.samples(samples), Options.inputs()),
            List.of(
                opset(),
                flag(
                    "Fold BatchNormalization into the weights before it, in the end.",
                    "--fold-batch-normalization"),
                one(
                    "GOAL",
                    "Make weights integers: size (smaller file, same speed) or speed (operators on"
                        + " integers), with settings as in size:bits=4 or"
                        + " speed:activations=dynamic.",
                    "--quantize"),
                many(
                    "GLOB",
                    "Weights that stay floats, named as in --include.",
                    "--quantize-exclude"),
                flag("Do not run the models: no comparison, no latency.", "--no-verify"),
                flag("Compute the compressed sizes of files over 64 MiB too.", "--sizes"))));
  }

  /** That converting a model has too. */
  static OptionSpec opset() {
    return one(
        "N", "Bring the model to opset N of ONNX, 7 to 21. Default: it keeps its own.", "--opset");
  }

  private static Section storage() {
    return new Section(
        "How the weights are written", Options.together(sharingOptions(), storageOptions()));
  }

  private static List<OptionSpec> sharingOptions() {
    return List.of(
        one(
            "N",
            "Let the weights of a tensor share N values, zero among them: found by k-means, trained"
                + " in the last epochs if there are any.",
            "--codebook"),
        choice(
            names(WeightSharing.Per.values()),
            "What shares the values: the whole tensor, or each output channel of it. Default:"
                + " tensor.",
            "--codebook-per"),
        choice(
            names(Codebook.Start.values()),
            "Where k-means starts from. Default: linear.",
            "--codebook-init"),
        one(
            "N",
            "Epochs in which the values train. Default: a fifth of them.",
            "--codebook-epochs"));
  }

  /** Those that converting a model has too. */
  static List<OptionSpec> storageOptions() {
    return List.of(
        choice(
            names(StorageOptions.Form.values()),
            "auto: in the fewest bytes of which onnxruntime makes the same weights when it opens the"
                + " file; dense: as they are. Default: keep, as MODEL has them.",
            "--storage"),
        one(
            "X",
            "Opening the file may take X times as long as with dense weights. Default: 2.",
            "--max-open-ratio"),
        one(
            "E",
            "Round weights where no element moves by more than E times the largest of its tensor,"
                + " such as 0.5%%. Default: 0, every bit is kept.",
            "--max-weight-error"),
        one(
            "WHICH",
            "Write these tensors to OUT.data: always (from 1 KiB on), never, or those of a SIZE such"
                + " as 1MiB and more. Default: as MODEL has them, always from 2 GiB on.",
            "--external-data"),
        flag(
            "Encode weights that are listed as inputs; they can no longer be fed.",
            "--drop-weight-inputs"));
  }

  private static OptionSpec minSparsity() {
    return one("S", "At least this share of zeros, such as 70%%.", "--min-sparsity");
  }

  private static Section gates(List<OptionSpec> ofPruning) {
    List<OptionSpec> ofFiles =
        Options.together(
            ofPruning,
            List.of(
                one("X", "File at least X times smaller.", "--min-compression"),
                one("SIZE", "File at most this large, such as 500KiB.", "--max-bytes")));
    return new Section(
        "Demands; if one is missed, the exit code is 3",
        Options.together(ofFiles, Options.gatesOnRuns("the input model's")));
  }

  private static Section execution(List<OptionSpec> ofPruning) {
    List<OptionSpec> usual =
        List.of(Options.device(), Options.threads("Espalier and onnxruntime"), Options.seed());
    return new Section("How it is run", Options.together(usual, ofPruning));
  }

  /** Options that say nothing about the run. */
  private static Section command() {
    return new Section(
        "Other",
        List.of(
            flag("Print no report and no progress; --report still writes one.", "-q", QUIET),
            Options.stacktrace(),
            Options.help(),
            flag("Show the version.", "-V", "--version").toBuilder().versionHelp(true).build()));
  }

  private static <E extends Enum<E>> List<String> names(E[] constants) {
    return Arrays.stream(constants).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
  }
}
