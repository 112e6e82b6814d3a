package io.espalier.pipeline;

import io.espalier.graph.ModelException;
import io.espalier.graph.Refusal;
import io.espalier.keras.KerasSummary;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.PrunableWeights.UnmatchedGlob;
import io.espalier.prune.PrunedWeight;
import io.espalier.prune.Pruner;
import io.espalier.prune.PruningResult;
import io.espalier.prune.Weight;
import io.espalier.prune.WeightSharing;
import io.espalier.report.Report;
import io.espalier.report.ReportForm;
import io.espalier.storage.StorageOptions;
import io.espalier.storage.StorageResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The stages of a run, in order: read, train and prune, rewrite, write, verify, measure, publish,
 * report.
 */
public final class Pipeline {
  private static final long SIZES_UP_TO = 64L << 20;

  private Recipe recipe;
  private final Listener listener;
  private final long start = System.nanoTime();
  private final FileFigures figures = new FileFigures();
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private Pipeline(Recipe recipe, Listener listener) {
    this.recipe = recipe;
    this.listener = listener;
  }

  /** Runs a recipe; see {@link io.espalier.Espalier#run}. */
  public static Report run(Recipe recipe, Listener listener) throws IOException {
    Pipeline pipeline = new Pipeline(recipe, listener);
    try {
      return pipeline.run();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw failed.getCause();
      }
      throw e;
    } finally {
      pipeline.figures.close();
    }
  }

  private Report run() throws IOException {
    Stages.begin(listener, "reading");
    ReportFiles.requireWritable(recipe.reports());
    try (InputModel input = InputModel.of(recipe)) {
      refusals.addAll(input.refusals());
      input.keras().ifPresent(keras -> notes.add(imported(keras)));
      CompletableFuture<String> inputHash = figures.sha256(input.path());
      StorageStage.resolved(storage(), input);
      recipe.rewriting().opset().ifPresent(opset -> OpsetRaise.plan(input.model(), opset));
      takeOver(AsCompiled.of(recipe.training(), input.model(), fileName(input)));
      return recipe.execution().dryRun() ? dryRun(input, inputHash) : full(input, inputHash);
    }
  }

  /** Lets what the model was compiled with stand in for defaults. */
  private void takeOver(Optional<AsCompiled> compiled) {
    compiled.ifPresent(
        found -> {
          recipe = recipe.with(found.settings());
          found.lines().forEach(listener::message);
          notes.addAll(found.lines());
          refusals.addAll(found.refusals());
        });
  }

  private static String fileName(InputModel input) {
    return input.path().getFileName().toString();
  }

  private Report dryRun(InputModel input, CompletableFuture<String> inputHash) throws IOException {
    if (recipe.training().isOn()) {
      plan();
    }
    Optional<PruningResult> pruned =
        recipe.pruning().isPresent() ? Optional.of(prune(input)) : Optional.empty();
    ReportDraft draft = new ReportDraft(recipe, input, pruned);
    notes.add("dry run: nothing was written");
    recipe
        .rewriting()
        .opset()
        .ifPresent(opset -> notes.add("dry run: " + OpsetRaise.plan(input.model(), opset)));
    if (recipe.training().isOn() && pruned.isPresent()) {
      notes.add("dry run: what is zeroed was chosen without the training that would come first");
    }
    return finish(draft.input(inputHash.join(), FileFigures.Sizes.unknown()));
  }

  /** Prepares the training on a model of its own, and says how it would go. */
  private void plan() throws IOException {
    try (InputModel input = InputModel.of(recipe)) {
      requireTrainable(input);
      TrainingStage.plan(recipe, input.model()).forEach(listener::message);
    }
  }

  private Report full(InputModel input, CompletableFuture<String> inputHash) throws IOException {
    try (OutputModel output = OutputModel.prepare(recipe, input)) {
      FileFigures.Sizes sizesBefore = sizesBefore(input);
      Optional<TrainingStage> training = train(input, inputHash);
      Optional<PruningResult> pruned =
          training.isPresent() ? training.get().pruned() : Optional.of(prune(input));
      boolean rewritten = rewrite(input);
      ReportDraft draft = new ReportDraft(recipe, input, pruned);
      training.ifPresent(stage -> draft.training(stage.figures()));
      boolean quantized = quantize(input, draft);
      StorageResult stored = store(input, output);
      draft.storage(stored);
      Stages.begin(listener, "writing");
      boolean changed =
          pruned.map(PruningResult::changed).orElse(false)
              || recipe.training().settings().sharing().isPresent();
      if (training.isPresent()
          || rewritten
          || quantized
          || changed
          || stored.changed()
          || recipe.storage().externalFrom().isPresent()
          || input.keras().isPresent()) {
        Provenance.record(input.model(), inputHash.join(), recipe.summary());
        output.write();
      } else {
        notes.add("nothing changed: the output is a copy of the input");
        output.copy();
      }
      FileFigures.Sizes sizesAfter = sizesAfter(output);
      verify(input, output, draft, List.of(sizesBefore, sizesAfter));
      draft.input(inputHash.join(), sizesBefore);
      long bytes = output.finish(enclosed(output, draft, sizesAfter));
      draft.output(
          output.target(),
          bytes,
          sizesAfter,
          recipe.reports().isEmpty() ? null : figures.sha256(output.finished()).join());
      Stages.begin(listener, "publishing");
      output.publish();
      return finish(draft);
    }
  }

  private static String imported(KerasSummary keras) {
    return "imported from "
        + keras.writer()
        + "; before is the imported graph as ONNX, without what the file keeps of a training";
  }

  /** Of models that are one file. */
  private FileFigures.Sizes sizesAfter(OutputModel output) throws IOException {
    return output.hasExternalData()
        ? FileFigures.Sizes.unknown()
        : sizes(output.plain(), Files.size(output.plain()));
  }

  private FileFigures.Sizes sizesBefore(InputModel input) throws IOException {
    if (!input.externalFiles().isEmpty()) {
      return FileFigures.Sizes.unknown();
    }
    if (input.keras().isEmpty()) {
      return sizes(input.path(), input.bytes());
    }
    return areSizesWanted(input.bytes())
        ? figures.sizes(input.expanded())
        : FileFigures.Sizes.unknown();
  }

  private FileFigures.Sizes sizes(Path file, long bytes) throws IOException {
    return areSizesWanted(bytes) ? figures.sizes(file) : FileFigures.Sizes.unknown();
  }

  private boolean areSizesWanted(long bytes) {
    boolean wanted = recipe.verification().verify() || !recipe.reports().isEmpty();
    return recipe.verification().sizes() || wanted && bytes < SIZES_UP_TO;
  }

  private Optional<TrainingStage> train(InputModel input, CompletableFuture<String> inputHash)
      throws IOException {
    if (!recipe.training().isOn()) {
      return Optional.empty();
    }
    requireTrainable(input);
    Stages.begin(listener, "training");
    TrainingStage stage = TrainingStage.run(recipe, input.model(), inputHash::join, listener);
    stage.pruned().ifPresent(pruned -> refusals.addAll(pruned.refusals()));
    refusals.addAll(stage.result().refusals());
    notes.addAll(stage.result().notes());
    return Optional.of(stage);
  }

  /** What else can be seen to be wrong before the first step. */
  private void requireTrainable(InputModel input) throws IOException {
    recipe
        .pruning()
        .map(options -> PrunableWeights.find(input.model(), options).unmatchedGlobs())
        .ifPresent(Pipeline::requireMatches);
    TestData.check(recipe, input);
  }

  private static void requireMatches(List<UnmatchedGlob> unmatched) {
    if (!unmatched.isEmpty()) {
      UnmatchedGlob glob = unmatched.get(0);
      throw new UsageException(
          "--%s %s: names no weight of the model, nor a node that uses one; see --dry-run"
              .formatted(glob.option(), glob.glob()));
    }
  }

  private PruningResult prune(InputModel input) {
    Stages.begin(listener, "pruning");
    int threads = recipe.execution().threads().orElse(Runtime.getRuntime().availableProcessors());
    Pruner pruner = new Pruner(recipe.pruning().orElseThrow(), recipe.execution().seed(), threads);
    PruningResult pruned =
        pruner.prune(input.model(), (done, total) -> Stages.progress(listener, done, total));
    requireMatches(pruned.unmatchedGlobs());
    refusals.addAll(pruned.refusals());
    recipe.training().settings().sharing().ifPresent(sharing -> share(sharing, pruned));
    return pruned;
  }

  private void share(WeightSharing sharing, PruningResult pruned) {
    Stages.begin(listener, "sharing values");
    List<Weight> weights = pruned.weights().stream().map(PrunedWeight::weight).toList();
    refusals.addAll(sharing.apply(weights, recipe.execution().seed()));
  }

  /** Quantization takes weights off the inputs by itself. */
  private StorageOptions storage() {
    return recipe.rewriting().quantization().isPresent()
        ? recipe.storage().withInputsDropped()
        : recipe.storage();
  }

  private StorageResult store(InputModel input, OutputModel output) {
    StorageResult stored =
        StorageStage.run(
            input, storage(), output.target(), recipe.verification().verify(), listener);
    refusals.addAll(stored.refusals());
    if (stored.merged() > 0) {
      notes.add("%d tensors that equal others are stored once".formatted(stored.merged()));
    }
    return stored;
  }

  private boolean rewrite(InputModel input) throws IOException {
    RewritingStage stage = RewritingStage.run(recipe, input, listener);
    refusals.addAll(stage.refusals());
    notes.addAll(stage.notes());
    return stage.changed();
  }

  private boolean quantize(InputModel input, ReportDraft draft) throws IOException {
    QuantizingStage stage = QuantizingStage.run(recipe, input, listener);
    stage.refusals().stream().filter(refusal -> !refusals.contains(refusal)).forEach(refusals::add);
    notes.addAll(stage.notes());
    draft.quantization(stage.figures());
    return stage.changed();
  }

  /** Runs both models; nothing is timed while files are still being compressed beside. */
  private void verify(
      InputModel input, OutputModel output, ReportDraft draft, List<FileFigures.Sizes> running)
      throws IOException {
    if (!recipe.verification().verify()) {
      notes.add("not verified: --no-verify");
      return;
    }
    Stages.begin(listener, "verifying");
    Optional<Verifier> opened =
        Verifier.open(
            recipe.data(),
            recipe.execution(),
            recipe.network().isPresent(),
            listener,
            input,
            output.openable(),
            refusals);
    if (opened.isEmpty()) {
      return;
    }
    try (Verifier verifier = opened.get()) {
      OutputComparison outputs = verifier.compare(input);
      if (recipe.training().isOn()) {
        outputs.judgeTraining(recipe.training(), input.model());
      }
      Stages.begin(listener, "measuring");
      running.forEach(FileFigures.Sizes::await);
      draft.latency(verifier.time());
      if (draft.hasEncodedWeights()) {
        draft.opening(verifier.open(input, output.openable()));
      }
      draft.runs(outputs);
      refusals.addAll(outputs.refusals());
      notes.addAll(outputs.notes());
      if (recipe.network().isPresent()) {
        notes.add("outputs are not compared: before this run the network had random weights");
      }
    } catch (ModelException e) {
      if (recipe.data().isGiven()) {
        throw e;
      }
      refusals.add(Verifier.notVerified(e));
    }
  }

  /** The report that goes into a bundle: on the model in it, without times. */
  private Optional<String> enclosed(OutputModel output, ReportDraft draft, FileFigures.Sizes packed)
      throws IOException {
    if (!output.isBundle()) {
      return Optional.empty();
    }
    Path model = output.plain();
    String sha256 = figures.sha256(model).join();
    draft.output(model.getFileName(), output.bytes(), packed, sha256);
    return Optional.of(ReportForm.JSON.render(draft.untimed(refusals, notes)));
  }

  private Report finish(ReportDraft draft) throws IOException {
    double seconds = (System.nanoTime() - start) / 1e9;
    Report report = draft.report(refusals, notes, seconds);
    for (Path file : recipe.reports()) {
      ReportFiles.write(file, ReportForm.of(file).orElseThrow().render(report));
    }
    return report;
  }
}
