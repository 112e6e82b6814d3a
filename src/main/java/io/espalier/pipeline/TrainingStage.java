package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.graph.Model;
import io.espalier.prune.PruningResult;
import io.espalier.report.Report;
import io.espalier.train.Checkpointing;
import io.espalier.train.Epoch;
import io.espalier.train.Trainer;
import io.espalier.train.TrainingData;
import io.espalier.train.TrainingMachine;
import io.espalier.train.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Trains and prunes the model of a recipe. */
final class TrainingStage {
  private final Recipe recipe;
  private final TrainingResult result;

  private TrainingStage(Recipe recipe, TrainingResult result) {
    this.recipe = recipe;
    this.result = result;
  }

  /**
   * Trains {@code model} in place.
   *
   * @param modelHash of the model's file, asked for where checkpoints are kept
   * @throws UsageException if the recipe does not fit the run
   */
  static TrainingStage run(
      Recipe recipe, Model model, Supplier<String> modelHash, Listener listener)
      throws IOException {
    try {
      return new TrainingStage(
          recipe,
          Trainer.train(
              model,
              samples(recipe),
              recipe.training().settings(),
              recipe.pruning(),
              machine(recipe),
              checkpointing(recipe, modelHash),
              new TrainingRelay(listener)));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /**
   * What {@link #run} says before its first step; {@code model} is of no use after it.
   *
   * @throws UsageException if the recipe does not fit the run
   */
  static List<String> plan(Recipe recipe, Model model) throws IOException {
    try {
      return Trainer.plan(
          model, samples(recipe), recipe.training().settings(), recipe.pruning(), machine(recipe));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static TrainingData samples(Recipe recipe) throws IOException {
    return new TrainingData(
        DataSource.parse(recipe.data().data().orElseThrow()).forTraining(),
        recipe.training().validation().map(DataSource::parse),
        SessionData.preprocessing(recipe.data()));
  }

  private static TrainingMachine machine(Recipe recipe) {
    return new TrainingMachine(
        RuntimeOptions.session(recipe.data(), recipe.execution()),
        RuntimeOptions.threads(recipe.execution()),
        recipe.execution().seed());
  }

  private static Optional<Checkpointing> checkpointing(Recipe recipe, Supplier<String> modelHash) {
    Recipe.Training training = recipe.training();
    return training
        .resume()
        .or(training::checkpoint)
        .map(
            folder -> {
              boolean resumes = training.resume().isPresent();
              requireFolder(resumes ? "--resume" : "--checkpoint", folder);
              return new Checkpointing(folder, resumes, RunIdentity.of(recipe, modelHash.get()));
            });
  }

  private static void requireFolder(String option, Path folder) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException("%s %s: expected a folder, got a file".formatted(option, folder));
    }
  }

  TrainingResult result() {
    return result;
  }

  /** Absent where the recipe does not prune. */
  Optional<PruningResult> pruned() {
    return result.pruned();
  }

  Report.Training figures() {
    return new Report.Training(
        recipe.training().epochs(),
        result.steps(),
        result.history().stream().map(this::row).toList(),
        fromOne(result.stoppedEpoch()),
        fromOne(result.bestEpoch()),
        result.stepsPerSecond());
  }

  private static Integer fromOne(OptionalInt epoch) {
    return epoch.isPresent() ? epoch.getAsInt() + 1 : null;
  }

  private Report.EpochRow row(Epoch epoch) {
    return new Report.EpochRow(
        epoch.epoch() + 1,
        epoch.loss(),
        boxed(epoch.accuracy()),
        boxed(epoch.valLoss()),
        boxed(epoch.valAccuracy()),
        result.pruned().isPresent() ? epoch.sparsity() : null,
        epoch.rate(),
        epoch.seconds());
  }

  private static Double boxed(OptionalDouble figure) {
    return figure.isPresent() ? figure.getAsDouble() : null;
  }
}
