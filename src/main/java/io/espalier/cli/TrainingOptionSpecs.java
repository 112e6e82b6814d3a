package io.espalier.cli;

import static io.espalier.cli.Options.flag;
import static io.espalier.cli.Options.many;
import static io.espalier.cli.Options.one;
import static io.espalier.cli.Options.path;

import io.espalier.cli.CommandForm.Section;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@code prune} and {@code prune train} that have to do with training. */
final class TrainingOptionSpecs {
  private TrainingOptionSpecs() {}

  /** The options of training, whose section of the help this is. */
  static Section section() {
    List<OptionSpec> training = Options.together(course(), judging());
    return new Section("Training", Options.together(training, going()));
  }

  /** How the sparsity is reached. */
  static Section schedule() {
    return new Section(
        "The way to S in training",
        List.of(
            one(
                "NAME",
                "The way to S: polynomial, constant or one-shot. Default: polynomial.",
                "--schedule"),
            one("S", "Where polynomial starts. Default: 0.", "--initial-sparsity"),
            one("N", "The first step that may prune. Default: 0.", "--begin-step"),
            one("N", "The step that reaches S. Default: after 60%% of the run.", "--end-step"),
            one(
                "N",
                "Steps between prunings. Default: 100, or fewer for 10 prunings.",
                "--frequency"),
            flag("Shrink a schedule that ends beyond the run.", "--fit-schedule")));
  }

  private static List<OptionSpec> course() {
    return List.of(
        one("N", "Train for N passes over --data.", "--epochs"),
        one("N", "Samples in an update. Default: 128.", "--batch"),
        one(
            "NAME",
            "sgd, momentum, nesterov, rmsprop, adam or adamw, with settings as in "
                + "adam:beta1=0.8,epsilon=1e-7. Default: adam.",
            "--optimizer"),
        one("X", "Learning rate. Default: the optimizer's own, 0.001 for adam.", "--lr"),
        one(
            "S",
            "How the rate moves, such as cosine or step:every=10. Default: fixed.",
            "--lr-schedule"),
        one(
            "X",
            "Weight decay, as PyTorch's optimizer of that name has it. Default: 0.01 for "
                + "adamw, else 0.",
            "--weight-decay"),
        one("X", "Scale gradients down to a norm of X over all weights.", "--clip-norm"),
        one("X", "Limit each element of the gradients to X.", "--clip-value"),
        one("X", "Add X times the sum of the prunable weights' magnitudes to the loss.", "--l1"),
        one("X", "Add X times the sum of their squares to the loss.", "--l2"),
        many("GLOB", "Neither train nor prune what matches, named as in --include.", "--freeze"));
  }

  private static List<OptionSpec> judging() {
    return List.of(
        one(
            "NAME",
            "auto (by the last layer), cross-entropy, binary, mse or mae. Default: auto.",
            "--loss"),
        one("S", "Spread the share S of each target over all classes.", "--label-smoothing"),
        flag("Learn from the outputs of the unpruned model too; needs no labels.", "--distill"),
        one("T", "Soften both models' outputs by T. Default: 2.", "--distill-temperature"),
        one("A", "The unpruned model's share in the loss. Default: 0.5.", "--distill-mix"),
        one(
            "DATA",
            "Labelled samples that judge each epoch; the best one is kept.",
            "--validation"),
        one(
            "S",
            "Take them from --data: 0.2 or 0.2:last, random or stratified.",
            "--validation-split"),
        one("S", "FIGURE[:PATIENCE[:DELTA]], such as val_accuracy:5.", "--early-stopping"),
        flag(
            "Take nothing from how a Keras model was compiled: optimizer, loss, penalties, frozen "
                + "layers.",
            "--no-compiled"),
        flag("Keep what only training needs, such as Dropout, in the result.", "--no-strip"));
  }

  private static List<OptionSpec> going() {
    return List.of(
        path("DIR", "Keep here what the run needs to go on after an interruption.", "--checkpoint"),
        path("DIR", "Go on with the interrupted run that was kept here.", "--resume"));
  }
}
