package io.espalier.pipeline;

import io.espalier.keras.InputLayout;
import io.espalier.network.Network;
import io.espalier.prune.Criterion;
import io.espalier.prune.Granularity;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.Scope;
import io.espalier.quantize.Quantization;
import io.espalier.storage.StorageOptions;
import io.espalier.storage.StorageOptions.Form;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Options as people write them, by name, and what they mean. Every front end collects the texts
 * that it was given and leaves their reading to this class, so that units, defaults and messages
 * are the same in all of them. Names are those of the command line, without the dashes.
 */
public final class RecipeOptions {
  private final Map<String, List<String>> given = new LinkedHashMap<>();

  /** The option's text; null where it was not given. */
  public RecipeOptions set(String option, String text) {
    return set(option, text == null ? null : List.of(text));
  }

  /** The texts of an option that can be given more than once; null where it was not given. */
  public RecipeOptions set(String option, List<String> texts) {
    if (texts != null && !texts.isEmpty()) {
      given.put(option, List.copyOf(texts));
    }
    return this;
  }

  /** An option without a text. */
  public RecipeOptions flag(String option, boolean isGiven) {
    return isGiven ? set(option, "") : this;
  }

  /**
   * What all of them ask for, pruning included, and those of the file that {@code recipe} names.
   * Where a run trains, a sparsity of 0 prunes nothing.
   *
   * @param model null where the file says what is pruned or trained
   * @throws UsageException if a text cannot be read, or if options contradict each other
   */
  public Recipe recipe(Path model) {
    if (given.containsKey("recipe")) {
      return withFile(model);
    }
    if (model == null) {
      throw new UsageException(
          "Missing required parameter: 'MODEL'; name a model, or a --recipe that has one");
    }
    return recipe(model, Optional.empty());
  }

  private Recipe recipe(Path model, Optional<Network> network) {
    return read(reading -> reading.pruningRecipe(model, network));
  }

  private Recipe withFile(Path model) {
    String name = new OptionTexts(new LinkedHashMap<>(given)).one("recipe").orElseThrow();
    RecipeFile file = RecipeFile.read(path("--recipe", name), known());
    RecipeOptions both = new RecipeOptions();
    file.options().forEach(both::set);
    given.forEach(both::set);
    both.given.remove("recipe");
    try {
      return both.recipe(file.modelOr(model), file.network());
    } catch (UsageException e) {
      throw file.placed(e, given.keySet());
    }
  }

  /** The options of a recipe: those that are asked for when one is read. */
  static Map<String, RecipeFile.Kind> known() {
    Reading reading = new Reading(new LinkedHashMap<>());
    reading.pruningRecipe(Path.of("model.onnx"), Optional.empty());
    return reading.asked();
  }

  /**
   * What all of them ask for of a run that trains and does not prune.
   *
   * @throws UsageException if a text cannot be read, or if options contradict each other
   */
  public Recipe training(Path model) {
    return read(reading -> reading.recipe(model, Optional.empty(), Optional.empty()));
  }

  /**
   * What is asked of a benchmark of these models.
   *
   * @throws UsageException if a text cannot be read, or if options contradict each other
   */
  public Benchmarker.Plan benchmark(List<Path> models) {
    return read(reading -> reading.benchmark(models));
  }

  /**
   * What is asked of a comparison of two models.
   *
   * @throws UsageException if a text cannot be read, or if options contradict each other
   */
  public Comparer.Plan comparison(Path a, Path b) {
    return read(reading -> reading.comparison(a, b));
  }

  /** What is asked of a conversion; throws as the others. */
  public Converter.Plan conversion(Path model) {
    return read(reading -> reading.conversion(model));
  }

  /** What is asked of an evaluation; throws as the others. */
  public Evaluator.Plan evaluation(Path model) {
    return read(reading -> reading.evaluation(model));
  }

  private <T> T read(Function<Reading, T> wanted) {
    Map<String, List<String>> left = new LinkedHashMap<>(given);
    T result = wanted.apply(new Reading(left));
    if (!left.isEmpty()) {
      throw new IllegalStateException("nothing reads the options " + left.keySet());
    }
    return result;
  }

  /** Takes the options out of what is given one by one. */
  private static final class Reading extends OptionTexts {
    Reading(Map<String, List<String>> left) {
      super(left);
      resolvePart("validation");
      resolvePart("test");
    }

    Recipe pruningRecipe(Path model, Optional<Network> network) {
      PruningOptions pruning = pruning();
      boolean trainsOnly = !pruning.prunes() && !"0".equals(given("epochs").orElse("0"));
      return recipe(model, network, Optional.of(pruning).filter(options -> !trainsOnly));
    }

    Recipe recipe(Path model, Optional<Network> network, Optional<PruningOptions> pruning) {
      return new Recipe(
          model,
          network,
          one("architecture").map(text -> path("--architecture", text)),
          one("input-layout").map(RecipeOptions::inputLayout),
          one("output").map(text -> path("--output", text)),
          flag("force"),
          pruning,
          TrainingOptionTexts.read(this::one, this::all, this::flag),
          rewriting(),
          storage(),
          data(),
          new Recipe.Verification(!flag("no-verify"), flag("sizes")),
          gates(),
          execution(),
          reports());
    }

    private Rewriting rewriting() {
      try {
        return new Rewriting(
            !flag("no-strip"),
            one("opset").map(OpsetRaise::parse),
            flag("fold-batch-normalization"),
            one("quantize").map(Quantization::parse),
            all("quantize-exclude"));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--quantize: " + e.getMessage());
      }
    }

    Benchmarker.Plan benchmark(List<Path> models) {
      return new Benchmarker.Plan(
          models,
          data(),
          execution(),
          one("seconds")
              .map(text -> number("--seconds", text))
              .orElse(Benchmarker.Plan.DEFAULT_SECONDS),
          one("batch").map(text -> count("--batch", text)));
    }

    Comparer.Plan comparison(Path a, Path b) {
      return new Comparer.Plan(a, b, data(), gates(), execution());
    }

    Evaluator.Plan evaluation(Path model) {
      return new Evaluator.Plan(
          model,
          data(),
          one("validation"),
          one("loss").flatMap(TrainingOptionTexts::loss),
          execution(),
          reports());
    }

    Converter.Plan conversion(Path model) {
      return new Converter.Plan(
          model,
          one("architecture").map(text -> path("--architecture", text)),
          one("input-layout").map(RecipeOptions::inputLayout),
          one("output").map(text -> path("--output", text)),
          flag("force"),
          !flag("no-verify"),
          one("opset").map(OpsetRaise::parse),
          storage());
    }

    private List<Path> reports() {
      return all("report").stream().map(text -> path("--report", text)).toList();
    }

    PruningOptions pruning() {
      try {
        Granularity granularity = granularity();
        return new PruningOptions(
            sparsity(granularity),
            one("scope").map(text -> constant("--scope", text, Scope.class)).orElse(Scope.LAYER),
            granularity,
            one("criterion")
                .map(text -> constant("--criterion", text, Criterion.class))
                .orElse(Criterion.L1),
            all("include"),
            all("exclude"),
            pairs("layer", true, Quantity::share),
            one("min-size")
                .map(text -> whole("--min-size", text))
                .orElse(PruningOptions.DEFAULT_MIN_SIZE),
            flag("prune-depthwise"),
            flag("prune-embeddings"));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--" + e.getMessage());
      }
    }

    private Granularity granularity() {
      Optional<Granularity.Pooling> pooling =
          one("block-pooling")
              .map(text -> constant("--block-pooling", text, Granularity.Pooling.class));
      Granularity granularity =
          Granularity.parse(
              one("granularity").orElse("element"), pooling.orElse(Granularity.Pooling.AVERAGE));
      if (pooling.isPresent() && !(granularity instanceof Granularity.Block)) {
        throw new UsageException("--block-pooling: only blocks, --granularity RxC, are pooled");
      }
      return granularity;
    }

    private double sparsity(Granularity granularity) {
      Optional<Double> asked = one("sparsity").map(text -> Quantity.share("--sparsity", text));
      if (!(granularity instanceof Granularity.NofM kept)) {
        return asked.orElse(PruningOptions.DEFAULT_SPARSITY);
      }
      if (asked.isPresent()) {
        throw new UsageException(
            "--sparsity: --granularity " + kept + " fixes it; leave one of the two out");
      }
      return kept.sparsity();
    }

    private StorageOptions storage() {
      try {
        return new StorageOptions(
            one("storage").map(text -> constant("--storage", text, Form.class)).orElse(Form.KEEP),
            one("max-open-ratio").map(text -> Quantity.factor("--max-open-ratio", text)),
            one("max-weight-error")
                .map(text -> Quantity.share("--max-weight-error", text))
                .orElse(0.0),
            flag("drop-weight-inputs"),
            one("external-data").map(StorageStage::externalFrom));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--" + e.getMessage());
      }
    }

    private Recipe.Data data() {
      Optional<ImagePreprocessing> preset =
          one("preprocessing")
              .map(text -> constant("--preprocessing", text, ImagePreprocessing.class));
      Optional<Double> scale = one("scale").map(text -> number("--scale", text));
      List<Double> mean = numbers("mean");
      List<Double> std = numbers("std");
      if (preset.isPresent() && (scale.isPresent() || !mean.isEmpty() || !std.isEmpty())) {
        throw new UsageException(
            "--preprocessing: sets --scale, --mean and --std; leave those out, or it");
      }
      return new Recipe.Data(
          one("data"),
          one("test"),
          preset.map(ImagePreprocessing::scale).or(() -> scale),
          preset.map(ImagePreprocessing::mean).orElse(mean),
          preset.map(ImagePreprocessing::std).orElse(std),
          one("layout").map(text -> text.toLowerCase(Locale.ROOT)),
          preset.map(ImagePreprocessing::bgr).orElse(false),
          pairs("input", false, RecipeOptions::path),
          pairs("dim", true, RecipeOptions::whole),
          all("custom-ops").stream().map(text -> path("--custom-ops", text)).toList());
    }

    private Recipe.Gates gates() {
      return new Recipe.Gates(
          one("min-sparsity").map(text -> Quantity.share("--min-sparsity", text)),
          one("min-compression").map(text -> Quantity.factor("--min-compression", text)),
          one("max-bytes").map(text -> Quantity.bytes("--max-bytes", text)),
          one("max-output-diff").map(text -> number("--max-output-diff", text)),
          one("max-accuracy-drop").map(text -> Quantity.points("--max-accuracy-drop", text)));
    }

    private Recipe.Execution execution() {
      return new Recipe.Execution(
          one("device").map(text -> text.toLowerCase(Locale.ROOT)).orElse("cpu"),
          one("seed").map(text -> whole("--seed", text)).orElse(0L),
          one("threads").map(text -> count("--threads", text)),
          flag("dry-run"));
    }
  }

  static <E extends Enum<E>> E constant(String option, String text, Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text.toLowerCase(Locale.ROOT))) {
        return constant;
      }
      names.add(name);
    }
    throw wrong(option, String.join(", ", names), text);
  }

  /** The layout of that name. */
  static InputLayout inputLayout(String text) {
    return constant("--input-layout", text, InputLayout.class);
  }

  static Path path(String option, String text) {
    try {
      if (!text.isBlank()) {
        return Path.of(text);
      }
    } catch (InvalidPathException e) {
      // said below
    }
    throw wrong(option, "the name of a file", text);
  }

  static long whole(String option, String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw wrong(option, "a whole number", text);
    }
  }

  static int count(String option, String text) {
    long count = whole(option, text);
    if (count != (int) count) {
      throw wrong(option, "a whole number", text);
    }
    return (int) count;
  }

  static double number(String option, String text) {
    try {
      double number = new BigDecimal(text.strip()).doubleValue();
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(option, "a number", text);
  }

  static UsageException wrong(String option, String expected, String text) {
    return new UsageException(option + ": expected " + expected + ", got '" + text + "'");
  }
}
