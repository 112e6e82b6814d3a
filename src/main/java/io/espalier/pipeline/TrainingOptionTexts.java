package io.espalier.pipeline;

import io.espalier.pass.LossKind;
import io.espalier.pass.LossOptions;
import io.espalier.prune.Codebook;
import io.espalier.prune.WeightSharing;
import io.espalier.train.Adam;
import io.espalier.train.Clipping;
import io.espalier.train.Dialect;
import io.espalier.train.EarlyStopping;
import io.espalier.train.LearningRate;
import io.espalier.train.Optimizer;
import io.espalier.train.Sparsening;
import io.espalier.train.TrainingSettings;
import io.espalier.train.ValidationSplit;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Reads the options of training. */
final class TrainingOptionTexts {
  private static final int DEFAULT_BATCH = 128;
  private static final List<String> WITH_TEXT =
      List.of(
          "batch",
          "optimizer",
          "weight-decay",
          "clip-norm",
          "clip-value",
          "distill-temperature",
          "distill-mix",
          "lr",
          "lr-schedule",
          "loss",
          "label-smoothing",
          "schedule",
          "initial-sparsity",
          "begin-step",
          "end-step",
          "frequency",
          "l1",
          "l2",
          "validation",
          "validation-split",
          "early-stopping",
          "checkpoint",
          "resume");

  /** What an option takes the place of. */
  private static final Map<String, Set<CompiledSetting>> CHOOSES =
      Map.of(
          "optimizer", Set.of(CompiledSetting.OPTIMIZER),
          "lr", Set.of(CompiledSetting.RATE),
          "lr-schedule", Set.of(CompiledSetting.SCHEDULE),
          "clip-norm", Set.of(CompiledSetting.CLIPPING),
          "clip-value", Set.of(CompiledSetting.CLIPPING),
          "weight-decay", Set.of(CompiledSetting.DECAY),
          "loss", Set.of(CompiledSetting.LOSS, CompiledSetting.SMOOTHING),
          "label-smoothing", Set.of(CompiledSetting.SMOOTHING),
          "l1", Set.of(CompiledSetting.PENALTIES),
          "l2", Set.of(CompiledSetting.PENALTIES));

  private final Map<String, String> given = new LinkedHashMap<>();
  private final Map<String, String> codebook = new HashMap<>();
  private final List<String> freeze;
  private final boolean fit;
  private final boolean distill;
  private final boolean compiled;

  private TrainingOptionTexts(
      Function<String, Optional<String>> one,
      Function<String, List<String>> all,
      Predicate<String> flag) {
    WITH_TEXT.forEach(option -> one.apply(option).ifPresent(text -> given.put(option, text)));
    for (String option : List.of("codebook", "codebook-per", "codebook-init", "codebook-epochs")) {
      one.apply(option).ifPresent(text -> codebook.put(option, text));
    }
    freeze = all.apply("freeze");
    fit = flag.test("fit-schedule");
    distill = flag.test("distill");
    compiled = !flag.test("no-compiled");
  }

  /**
   * Takes the options of training from where they are.
   *
   * @throws UsageException if a text cannot be read, or if there is nothing to train for long
   */
  static Recipe.Training read(
      Function<String, Optional<String>> one,
      Function<String, List<String>> all,
      Predicate<String> flag) {
    int epochs = one.apply("epochs").map(text -> RecipeOptions.count("--epochs", text)).orElse(0);
    return new TrainingOptionTexts(one, all, flag).training(epochs);
  }

  private Recipe.Training training(int epochs) {
    if (epochs < 0) {
      throw RecipeOptions.wrong("--epochs", "0 or more", Integer.toString(epochs));
    }
    if (epochs == 0) {
      requireNothing();
    }
    Optional<String> validation = text("validation");
    TrainingSettings settings = settings(epochs);
    settings
        .stopping()
        .filter(stopping -> stopping.monitor().validates())
        .filter(stopping -> validation.isEmpty() && settings.split().isEmpty())
        .ifPresent(
            stopping -> {
              throw new UsageException(
                  "--early-stopping "
                      + stopping.monitor()
                      + ": needs validation data; name them with --validation or take them from"
                      + " --data with --validation-split");
            });
    try {
      settings.sharing().filter(sharing -> epochs > 0).ifPresent(one -> one.epochsOf(epochs));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    if (validation.isPresent() && settings.split().isPresent()) {
      throw new UsageException("--validation-split: --validation names data; leave one out");
    }
    return new Recipe.Training(
        epochs, settings, validation, folder("checkpoint"), folder("resume"), asCompiled());
  }

  /** What was not chosen. */
  private Set<CompiledSetting> asCompiled() {
    Set<CompiledSetting> open = EnumSet.noneOf(CompiledSetting.class);
    if (compiled) {
      open.addAll(EnumSet.allOf(CompiledSetting.class));
      given
          .keySet()
          .forEach(option -> CHOOSES.getOrDefault(option, Set.of()).forEach(open::remove));
    }
    return open;
  }

  private void requireNothing() {
    Optional<String> first = given.keySet().stream().findFirst();
    if (first.isEmpty() && !freeze.isEmpty()) {
      first = Optional.of("freeze");
    }
    if (first.isEmpty() && (fit || distill)) {
      first = Optional.of(fit ? "fit-schedule" : "distill");
    }
    if (first.isEmpty() && !compiled) {
      first = Optional.of("no-compiled");
    }
    if (first.isEmpty() && codebook.containsKey("codebook-epochs")) {
      first = Optional.of("codebook-epochs");
    }
    if (first.isPresent()) {
      throw new UsageException(
          "--" + first.get() + ": only a training run has it; --epochs N asks for one");
    }
  }

  private TrainingSettings settings(int epochs) {
    Optimizer named =
        read("optimizer", text -> Optimizer.named(text, Dialect.PYTORCH))
            .orElse(Adam.defaults(Dialect.PYTORCH));
    boolean decouples = named.weightDecay() != 0;
    boolean decays = given.containsKey("weight-decay");
    double decay = share("weight-decay");
    Optimizer optimizer =
        decouples && decays && named instanceof Adam adam ? adam.withWeightDecay(decay) : named;
    return TrainingSettings.builder(epochs)
        .batch(text("batch").map(text -> positive("--batch", text)).orElse(DEFAULT_BATCH))
        .optimizer(optimizer)
        .rate(rate())
        .rateSchedule(read("lr-schedule", TrainingOptionTexts::schedule).orElse("fixed"))
        .loss(text("loss").flatMap(TrainingOptionTexts::loss))
        .labelSmoothing(text("label-smoothing").map(text -> smoothing(text)).orElse(0.0))
        .distillation(distillation())
        .clipping(clipping())
        .coupledDecay(decouples ? 0 : decay)
        .l1(share("l1"))
        .l2(share("l2"))
        .freeze(freeze)
        .split(read("validation-split", ValidationSplit::parse))
        .stopping(read("early-stopping", EarlyStopping.Settings::parse))
        .sparsening(sparsening())
        .sharing(sharing())
        .build();
  }

  private Optional<WeightSharing> sharing() {
    for (String option : List.of("codebook-per", "codebook-init", "codebook-epochs")) {
      if (codebook.get("codebook") == null && codebook.get(option) != null) {
        throw new UsageException("--" + option + ": says how --codebook is done; give that too");
      }
    }
    if (codebook.get("codebook") == null) {
      return Optional.empty();
    }
    try {
      String per = codebook.get("codebook-per");
      String start = codebook.get("codebook-init");
      String epochs = codebook.get("codebook-epochs");
      return Optional.of(
          new WeightSharing(
              RecipeOptions.count("--codebook", codebook.get("codebook")),
              per == null
                  ? WeightSharing.Per.TENSOR
                  : RecipeOptions.constant("--codebook-per", per, WeightSharing.Per.class),
              start == null
                  ? Codebook.Start.LINEAR
                  : RecipeOptions.constant("--codebook-init", start, Codebook.Start.class),
              epochs == null
                  ? OptionalInt.empty()
                  : OptionalInt.of(RecipeOptions.count("--codebook-epochs", epochs))));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static double smoothing(String text) {
    double share = Quantity.share("--label-smoothing", text);
    if (share >= 1) {
      throw RecipeOptions.wrong("--label-smoothing", "0 up to but not 1", text);
    }
    return share;
  }

  private Optional<LossOptions.Distillation> distillation() {
    for (String option : List.of("distill-temperature", "distill-mix")) {
      if (!distill && given.containsKey(option)) {
        throw new UsageException("--" + option + ": says how --distill is done; give that too");
      }
    }
    LossOptions.Distillation usual = LossOptions.Distillation.DEFAULT;
    double temperature =
        text("distill-temperature").isPresent()
            ? positive("distill-temperature")
            : usual.temperature();
    double mix =
        text("distill-mix").map(text -> Quantity.share("--distill-mix", text)).orElse(usual.mix());
    return distill ? Optional.of(new LossOptions.Distillation(temperature, mix)) : Optional.empty();
  }

  private Clipping clipping() {
    boolean byNorm = given.containsKey("clip-norm");
    if (given.containsKey("clip-value")) {
      if (byNorm) {
        throw new UsageException("--clip-norm: --clip-value limits gradients too; leave one out");
      }
      return new Clipping.Value(positive("clip-value"));
    }
    return byNorm ? new Clipping.GlobalNorm(positive("clip-norm"), Dialect.PYTORCH) : Clipping.NONE;
  }

  private OptionalDouble rate() {
    if (!given.containsKey("lr")) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(positive("lr"));
  }

  private double positive(String option) {
    double number = RecipeOptions.number("--" + option, given.get(option));
    if (!(number > 0)) {
      throw RecipeOptions.wrong("--" + option, "more than 0", given.get(option));
    }
    return number;
  }

  private static String schedule(String text) {
    LearningRate.requireReadable(text);
    return text;
  }

  /** The loss of that name; absent for {@code auto}. */
  static Optional<LossKind> loss(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "auto" -> Optional.empty();
      case "cross-entropy" -> Optional.of(LossKind.LABELS);
      case "binary" -> Optional.of(LossKind.BINARY);
      case "mse" -> Optional.of(LossKind.SQUARED_ERROR);
      case "mae" -> Optional.of(LossKind.ABSOLUTE_ERROR);
      default ->
          throw RecipeOptions.wrong("--loss", "auto, cross-entropy, binary, mse or mae", text);
    };
  }

  private Sparsening sparsening() {
    Sparsening.Form form =
        text("schedule")
            .map(
                text ->
                    RecipeOptions.constant(
                        "--schedule", text.replace('-', '_'), Sparsening.Form.class))
            .orElse(Sparsening.Form.POLYNOMIAL);
    try {
      return new Sparsening(
          form,
          text("initial-sparsity")
              .map(text -> Quantity.share("--initial-sparsity", text))
              .orElse(0.0),
          steps("begin-step").orElse(0),
          steps("end-step"),
          steps("frequency"),
          fit);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private OptionalLong steps(String option) {
    return given.containsKey(option)
        ? OptionalLong.of(RecipeOptions.whole("--" + option, given.get(option)))
        : OptionalLong.empty();
  }

  private double share(String option) {
    double value = text(option).map(text -> RecipeOptions.number("--" + option, text)).orElse(0.0);
    if (value < 0) {
      throw RecipeOptions.wrong("--" + option, "0 or more", given.get(option));
    }
    return value;
  }

  private static int positive(String option, String text) {
    int count = RecipeOptions.count(option, text);
    if (count < 1) {
      throw RecipeOptions.wrong(option, "1 or more", text);
    }
    return count;
  }

  private Optional<Path> folder(String option) {
    return text(option).map(text -> RecipeOptions.path("--" + option, text));
  }

  private Optional<String> text(String option) {
    return Optional.ofNullable(given.get(option));
  }

  private <T> Optional<T> read(String option, Function<String, T> parser) {
    try {
      return text(option).map(parser);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + option + ": " + e.getMessage());
    }
  }
}
