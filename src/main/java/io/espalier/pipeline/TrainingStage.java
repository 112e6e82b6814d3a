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
    Recipe.Data data = recipe.data();
    TrainingData samples =
        new TrainingData(
            DataSource.parse(data.data().orElseThrow()).forTraining(),
            recipe.training().validation().map(DataSource::parse),
            SessionData.preprocessing(data));
    data.test().ifPresent(DataSource::parse); // a mistake in it is told now, not after training
    TrainingMachine machine =
        new TrainingMachine(
            RuntimeOptions.session(data, recipe.execution()),
            RuntimeOptions.threads(recipe.execution()),
            recipe.execution().seed());
    try {
      return new TrainingStage(
          recipe,
          Trainer.train(
              model,
              samples,
              recipe.training().settings(),
              recipe.pruning(),
              machine,
              checkpointing(recipe, modelHash),
              new TrainingRelay(listener)));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static Optional<Checkpointing> checkpointing(Recipe recipe, Supplier<String> modelHash) {
    Recipe.Training training = recipe.training();
    return training
        .resume()
        .or(training::checkpoint)
        .map(
            folder ->
                new Checkpointing(
                    folder,
                    training.resume().isPresent(),
                    RunIdentity.of(recipe, modelHash.get())));
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
