package io.espalier.pipeline;

import io.espalier.keras.InputLayout;
import io.espalier.network.Network;
import io.espalier.prune.PruningOptions;
import io.espalier.storage.StorageOptions;
import io.espalier.train.TrainingSettings;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that can be said about one run. A recipe that exists is valid as far as it can be told
 * without opening the files it names.
 *
 * @param model the file that the model comes from: {@code .onnx}, compressed or in a bundle, or the
 *     recipe that describes the network
 * @param network what is trained in place of a model that is read
 * @param architecture what {@code model.to_json()} says of the model that the file holds the
 *     weights of, where it holds nothing else; or the name of an application of Keras
 * @param inputLayout of images among the inputs of a model of Keras; absent: as the model has it
 * @param output where the model that is made goes; absent: beside the input, {@code
 *     NAME.pruned.onnx} or, where nothing is pruned, {@code NAME.trained.onnx}; for the network of
 *     a recipe {@code NAME.onnx} in the working folder
 * @param force whether an existing file that is not of our making may be replaced
 * @param pruning which weights are set to zero; absent: the model is only trained
 * @param storage how the weights are written
 * @param reports files for the report; the ending, {@code .json} or {@code .md}, is the form
 */
public record Recipe(
    Path model,
    Optional<Network> network,
    Optional<Path> architecture,
    Optional<InputLayout> inputLayout,
    Optional<Path> output,
    boolean force,
    Optional<PruningOptions> pruning,
    Training training,
    Rewriting rewriting,
    StorageOptions storage,
    Data data,
    Verification verification,
    Gates gates,
    Execution execution,
    List<Path> reports) {

  public Recipe {
    reports = List.copyOf(reports);
    ReportFiles.requireForms(reports);
    if (pruning.isEmpty() && !training.isOn()) {
      throw new UsageException("--epochs: expected 1 or more passes over --data to train for");
    }
    training.requireData(data);
    if (training.isOn()) {
      pruning.ifPresent(training::requireFits);
    }
    if (!rewriting.strip() && !training.isOn()) {
      throw new UsageException("--no-strip: only a training run has it; --epochs N asks for one");
    }
    gates.requireJudge(data);
    rewriting.requireUse(storage);
    if (network.isPresent() && architecture.isPresent()) {
      throw new UsageException("--architecture: only weights of Keras need one");
    }
    if (network.isPresent() && inputLayout.isPresent()) {
      throw new UsageException("--input-layout: only models of Keras are brought into a layout");
    }
    if (network.isPresent()) {
      requireNoReference(gates, training);
    }
    if (gates.maxOutputDiff().isPresent() && !verification.verify()) {
      throw new UsageException("--max-output-diff: needs the outputs that --no-verify leaves out");
    }
    if (gates.maxAccuracyDrop().isPresent() && !verification.verify()) {
      throw new UsageException("--max-accuracy-drop: needs the runs that --no-verify leaves out");
    }
  }

  /** The same with other settings of the training. */
  Recipe with(TrainingSettings settings) {
    return new Recipe(
        model,
        network,
        architecture,
        inputLayout,
        output,
        force,
        pruning,
        training.with(settings),
        rewriting,
        storage,
        data,
        verification,
        gates,
        execution,
        reports);
  }

  /** A network that is made here has no outputs to hold others against. */
  private static void requireNoReference(Gates gates, Training training) {
    String option =
        gates.maxOutputDiff().isPresent()
            ? "--max-output-diff"
            : gates.maxAccuracyDrop().isPresent()
                ? "--max-accuracy-drop"
                : training.settings().distillation().isPresent() ? "--distill" : null;
    if (option != null) {
      throw new UsageException(
          option + ": compares with the model that came in, and a recipe's network has none");
    }
  }

  /** What was asked for, in one line, for those who find the model later. */
  public String summary() {
    StringBuilder text = new StringBuilder(pruning.isPresent() ? "prune" : "train");
    pruning.ifPresent(options -> append(text, options));
    text.append(training.summary());
    text.append(rewriting.summary());
    text.append(storage.summary());
    return text.append(" --seed ").append(execution.seed()).toString();
  }

  private static void append(StringBuilder text, PruningOptions pruning) {
    text.append(" --sparsity ").append(pruning.sparsity());
    text.append(" --scope ").append(pruning.scope().toString().toLowerCase(Locale.ROOT));
    text.append(" --granularity ").append(pruning.granularity());
    text.append(" --criterion ").append(pruning.criterion().toString().toLowerCase(Locale.ROOT));
    pruning.layers().forEach((glob, sparsity) -> text.append(" --layer " + glob + "=" + sparsity));
    pruning.include().forEach(glob -> text.append(" --include ").append(glob));
    pruning.exclude().forEach(glob -> text.append(" --exclude ").append(glob));
    text.append(" --min-size ").append(pruning.minSize());
    text.append(pruning.depthwise() ? " --prune-depthwise" : "");
    text.append(pruning.embeddings() ? " --prune-embeddings" : "");
  }

  /**
   * What is done with the weights besides setting some to zero.
   *
   * @param epochs how often the training data are gone through; 0: the model is not trained
   * @param settings of no meaning without epochs
   * @param validation labelled samples that judge each epoch, {@code [npz:|idx:]PATH[#part]}
   * @param checkpoint the folder that keeps what the run needs to go on after an interruption
   * @param resume the folder of a run that this one goes on with, and keeps its own state in
   * @param asCompiled what is taken from how a model of Keras was compiled, where it says so, in
   *     place of what the settings have
   */
  public record Training(
      int epochs,
      TrainingSettings settings,
      Optional<String> validation,
      Optional<Path> checkpoint,
      Optional<Path> resume,
      Set<CompiledSetting> asCompiled) {

    public Training {
      asCompiled = Set.copyOf(asCompiled);
      if (checkpoint.isPresent() && resume.isPresent() && !checkpoint.equals(resume)) {
        throw new UsageException(
            "--checkpoint: a run that goes on keeps its state where it was, in --resume "
                + resume.get()
                + "; leave one out");
      }
    }

    /** Whether the model is trained. */
    public boolean isOn() {
      return epochs > 0;
    }

    /**
     * Checks that there is something to train on.
     *
     * @throws UsageException if not
     */
    void requireData(Data data) {
      if (isOn() && data.data().isEmpty()) {
        throw new UsageException("--epochs: needs samples to train on; name them with --data");
      }
    }

    /** Checks that the way to the sparsity leads there. */
    void requireFits(PruningOptions pruning) {
      try {
        settings.sparsening().requireFits(pruning);
      } catch (IllegalArgumentException e) {
        throw new UsageException(e.getMessage());
      }
    }

    /** The same with other settings. */
    Training with(TrainingSettings others) {
      return new Training(epochs, others, validation, checkpoint, resume, asCompiled);
    }

    private String summary() {
      return RunIdentity.summary(settings);
    }
  }

  /**
   * What the models are run on; without any, random inputs drawn with the seed.
   *
   * @param data samples to run on, {@code [npz:|idx:]PATH[#part]}
   * @param test held-out labelled samples that judge, in the same form
   * @param scale factor on every element of an image or feature
   * @param mean subtracted after scaling, one per channel or one for all; empty: 0
   * @param std divided by after that, one per channel or one for all; empty: 1
   * @param layout the layout of images in the data: {@code nchw} or {@code nhwc}
   * @param bgr whether the channels of images change to blue, green, red before all else
   * @param inputs files for single graph inputs, by name
   * @param dims sizes of symbolic dimensions, by name
   * @param customOps libraries of custom operators for onnxruntime
   */
  public record Data(
      Optional<String> data,
      Optional<String> test,
      Optional<Double> scale,
      List<Double> mean,
      List<Double> std,
      Optional<String> layout,
      boolean bgr,
      Map<String, Path> inputs,
      Map<String, Long> dims,
      List<Path> customOps) {

    public Data {
      mean = List.copyOf(mean);
      std = List.copyOf(std);
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
      dims = Collections.unmodifiableMap(new LinkedHashMap<>(dims));
      customOps = List.copyOf(customOps);
      layout.ifPresent(
          name -> {
            if (!name.equals("nchw") && !name.equals("nhwc")) {
              throw new UsageException("--layout: expected nchw or nhwc, got " + name);
            }
          });
      for (double value : std) {
        if (!(Math.abs(value) > 0) || Double.isInfinite(value)) {
          throw new UsageException("--std: expected numbers other than 0, got " + value);
        }
      }
      boolean changesSamples =
          scale.isPresent() || !mean.isEmpty() || !std.isEmpty() || layout.isPresent();
      if (changesSamples && data.isEmpty() && test.isEmpty()) {
        throw new UsageException(
            "--scale, --mean, --std, --layout: say what is done to samples; there is no --data");
      }
      dims.forEach(
          (name, size) -> {
            if (size < 1) {
              throw new UsageException("--dim " + name + ": expected 1 or more, got " + size);
            }
          });
    }

    /** Whether the user said anything of what the models are run on; mistakes in it are errors. */
    boolean isGiven() {
      return data.isPresent()
          || test.isPresent()
          || !inputs.isEmpty()
          || !dims.isEmpty()
          || !customOps.isEmpty();
    }

    /** No data of the user's own. */
    public static Data none() {
      return new Data(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          Optional.empty(),
          false,
          Map.of(),
          Map.of(),
          List.of());
    }
  }

  /**
   * Whether both models are run and compared.
   *
   * @param verify whether onnxruntime opens the result and its outputs are compared with the input
   *     model's before the file is moved into place
   * @param sizes whether the compressed sizes are computed for files of 64 MiB and more too
   */
  public record Verification(boolean verify, boolean sizes) {}

  /** Demands on the result; each is absent unless asked for. Ratios are before/after. */
  public record Gates(
      Optional<Double> minSparsity,
      Optional<Double> minCompression,
      Optional<Long> maxBytes,
      Optional<Double> maxOutputDiff,
      Optional<Double> maxAccuracyDrop) {

    /**
     * Checks that a demand on the accuracy can be judged.
     *
     * @throws UsageException if there is one and the data have no held-out samples
     */
    void requireJudge(Data data) {
      boolean trainedOn =
          data.test().isPresent()
              && (data.test().equals(data.data()) || data.test().get().endsWith("#train"));
      if (maxAccuracyDrop.isPresent() && trainedOn) {
        throw new UsageException(
            "--max-accuracy-drop: --test " + data.test().get() + " is what models are trained on");
      }
      if (maxAccuracyDrop.isPresent() && data.test().isEmpty()) {
        throw new UsageException(
            data.data().isEmpty()
                ? "--max-accuracy-drop: needs labelled data to judge on; name them with --test"
                : "--max-accuracy-drop: --data may be what the model was trained on and cannot"
                    + " judge it; name held-out samples with --test");
      }
    }

    /** No demands. */
    public static Gates none() {
      return new Gates(
          Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * How the run uses the machine.
   *
   * @param device where onnxruntime runs the models
   * @param seed of random inputs and of the random criterion
   * @param threads for pruning and for each onnxruntime session; absent: one per processor
   * @param dryRun whether to stop after saying what would be pruned
   */
  public record Execution(String device, long seed, Optional<Integer> threads, boolean dryRun) {
    private static final int MOST_THREADS = 1024;

    /** All of the CPU. */
    public static Execution usual() {
      return new Execution("cpu", 0, Optional.empty(), false);
    }

    public Execution {
      if (!device.equals("cpu") && !device.equals("cuda")) {
        throw new UsageException("--device: expected cpu or cuda, got " + device);
      }
      threads.ifPresent(
          count -> {
            if (count < 1 || count > MOST_THREADS) {
              throw new UsageException(
                  "--threads: expected 1 to " + MOST_THREADS + ", got " + count);
            }
          });
    }
  }
}
