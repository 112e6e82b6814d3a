package io.espalier.train;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.PruningResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Trains a model, and prunes it on the way. */
public final class Trainer {
  private final Workbench bench;
  private final TrainingSettings settings;
  private final TrainingListener listener;
  private final Update update;
  private final LearningRate rate;
  private final RunState state;
  private final Optional<Keeper> keeper;
  private final List<String> notes = new ArrayList<>();
  private OptionalDouble sparsity = OptionalDouble.empty();

  private Trainer(
      Workbench bench,
      TrainingSettings settings,
      Workers workers,
      Optional<Checkpointing> checkpointing,
      TrainingListener listener)
      throws IOException {
    this.bench = bench;
    this.settings = settings;
    this.listener = listener;
    this.update =
        new Update(
            bench.trainee().parameters(), settings.optimizer(), settings.clipping(), workers);
    this.rate = rate(settings, bench.length());
    this.state = new RunState(bench, settings.stopping().orElse(EarlyStopping.Settings.BEST_ONLY));
    this.keeper =
        checkpointing.isPresent()
            ? Optional.of(Keeper.begin(checkpointing.get(), state, bench, listener))
            : Optional.empty();
    notes.addAll(bench.notes());
    if (checkpointing.map(Checkpointing::resume).orElse(false)) {
      notes.add("training went on after step %d of a run before".formatted(state.step()));
    }
    if (state.step() >= bench.sharesFrom()) {
      share();
    }
    bench.masks().ifPresent(masks -> sparsity = OptionalDouble.of(masks.sparsity()));
  }

  private static LearningRate rate(TrainingSettings settings, RunLength length) {
    try {
      return LearningRate.parse(settings.rateSchedule(), settings.startingRate(), length);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--lr-schedule: " + e.getMessage(), e);
    }
  }

  /** What {@link #train} would say before its first step; it throws what that would until then. */
  public static List<String> plan(
      Model model,
      TrainingData data,
      TrainingSettings settings,
      Optional<PruningOptions> pruning,
      TrainingMachine machine)
      throws IOException {
    try (Workbench bench = Workbench.of(model, data, settings, pruning, machine)) {
      rate(settings, bench.length());
      return bench.plan();
    }
  }

  /** As below, without checkpoints. */
  public static TrainingResult train(
      Model model,
      TrainingData data,
      TrainingSettings settings,
      Optional<PruningOptions> pruning,
      TrainingMachine machine,
      TrainingListener listener)
      throws IOException {
    return train(model, data, settings, pruning, machine, Optional.empty(), listener);
  }

  /**
   * Trains {@code model}, whose weights change; what it is besides stays. If the run fails, the
   * model is of no use any more. A run that goes on from a checkpoint gives the bits that it would
   * have given if it had not been stopped, on the same machine with as many threads.
   *
   * @param pruning absent: no weight is pruned
   * @param checkpointing absent: nothing is kept of a run that is stopped
   * @throws IOException if data cannot be read, or a checkpoint not be read or written
   * @throws ModelException if the data do not fit, nothing would train, the loss is no number, or
   *     the checkpoint is damaged or of another run
   * @throws IllegalArgumentException if settings do not fit the run; the message names the option
   */
  public static TrainingResult train(
      Model model,
      TrainingData data,
      TrainingSettings settings,
      Optional<PruningOptions> pruning,
      TrainingMachine machine,
      Optional<Checkpointing> checkpointing,
      TrainingListener listener)
      throws IOException {
    try (Workbench bench = Workbench.of(model, data, settings, pruning, machine);
        Workers workers = new Workers(machine.threads())) {
      return new Trainer(bench, settings, workers, checkpointing, listener).run();
    }
  }

  private TrainingResult run() throws IOException {
    bench.plan().forEach(listener::planned);
    while (!state.done()) {
      epoch();
    }
    state.best().restore();
    bench.trainee().putBack();
    Optional<PruningResult> pruned = bench.masks().map(MaskUpdates::finish);
    EarlyStopping.State stopped = state.stopping().state();
    return new TrainingResult(
        state.step(),
        state.history(),
        epochNumber(stopped.stoppedEpoch()),
        epochNumber(stopped.bestEpoch()),
        state.stepsPerSecond(),
        pruned,
        bench.trainee().refusals(),
        notes);
  }

  private static OptionalInt epochNumber(int epoch) {
    return epoch < 0 ? OptionalInt.empty() : OptionalInt.of(epoch);
  }

  /** What is left of an epoch. */
  private void epoch() throws IOException {
    int epoch = state.epoch();
    while (state.index() < bench.order().batches()) {
      step(epoch, state.index());
    }
    bench.trainee().requireNumbers(state.step());
    Evaluation.Figures judged = keeping(this::judged);
    EpochSoFar trained = state.soFar();
    Epoch figures =
        new Epoch(
            epoch,
            trained.loss().mean(),
            accuracy(),
            judged.loss(),
            judged.accuracy(),
            bench.masks().map(MaskUpdates::sparsity).orElse(0.0),
            rate.at(state.step(), epoch),
            trained.seconds());
    state.ended(figures);
    judge(figures);
    if (keeper.isPresent()) {
      keeper.get().epoch();
    }
    keeping(
        () -> {
          listener.epoch(figures, settings.epochs());
          return null;
        });
  }

  private void step(int epoch, int index) throws IOException {
    long start = System.nanoTime();
    int[] rows = bench.order().samples(epoch, index);
    long step = state.step() + 1;
    bench
        .masks()
        .filter(masks -> masks.before(step))
        .ifPresent(masks -> sparsity = OptionalDouble.of(masks.sparsity()));
    if (step == bench.sharesFrom()) {
      share();
    }
    double learningRate = rate.at(step, epoch);
    LossGraph.Outcome outcome = bench.gradient().run(rows, step);
    bench.trainee().tie();
    requireNumber(step, outcome.loss(), learningRate);
    Update.Outcome moved = update.apply(step, learningRate);
    double seconds = (System.nanoTime() - start) / 1e9;
    double loss = outcome.loss() + moved.penalty();
    state.made(state.soFar().and(loss, outcome.right(), rows.length, seconds));
    keeping(() -> heard(epoch, learningRate));
    if (keeper.isPresent()) {
      keeper.get().step();
    }
  }

  private void share() {
    bench.trainee().share(settings.sharing().orElseThrow(), bench.seed());
  }

  private Void heard(int epoch, double learningRate) {
    listener.step(
        new Step(
            epoch,
            settings.epochs(),
            state.step(),
            bench.length().steps(),
            state.soFar().loss().mean(),
            accuracy(),
            sparsity,
            learningRate));
    return null;
  }

  private OptionalDouble accuracy() {
    return state.soFar().accuracy(bench.gradient().graph().positions());
  }

  private Evaluation.Figures judged() {
    return bench
        .evaluation()
        .map(evaluation -> evaluation.run(listener::judging))
        .orElse(Evaluation.Figures.NONE);
  }

  /** Between steps a listener may end the run; then what was done so far is kept. */
  private <T> T keeping(Supplier<T> between) {
    try {
      return between.get();
    } catch (RuntimeException e) {
      keeper.ifPresent(one -> one.keep(e));
      throw e;
    }
  }

  private void judge(Epoch figures) {
    boolean judged = settings.stopping().isPresent() || figures.valLoss().isPresent();
    if (!judged) {
      return;
    }
    boolean shares = settings.sharing().isEmpty() || state.step() >= bench.sharesFrom();
    boolean counts =
        shares && bench.masks().map(masks -> masks.plan().isFinalAfter(state.step())).orElse(true);
    double value = figures.value(state.stopping().settings().monitor());
    EarlyStopping.Verdict verdict = state.stopping().ended(figures.epoch(), value, counts);
    if (verdict == EarlyStopping.Verdict.BEST) {
      state.best().save();
    }
  }

  private static void requireNumber(long step, double loss, double learningRate) {
    if (Double.isNaN(loss) || Double.isInfinite(loss)) {
      throw new ModelException(
          "step %d: the loss is %s; try a learning rate below %s (--lr), another --optimizer, or a"
                  .formatted(step, Double.isNaN(loss) ? "not a number" : "infinite", learningRate)
              + " rise from zero (--lr-schedule fixed:warmup=100,by=step), and see that the samples"
              + " are scaled as the model expects (--scale, --mean, --std)");
    }
  }
}
