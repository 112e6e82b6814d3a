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

/** Trains a model, and prunes it on the way. */
public final class Trainer {
  private final Workbench bench;
  private final TrainingSettings settings;
  private final TrainingListener listener;
  private final Update update;
  private final LearningRate rate;
  private final EarlyStopping stopping;
  private final BestEpoch best;
  private final List<Epoch> history = new ArrayList<>();
  private long step;
  private double trainingSeconds;

  private Trainer(
      Workbench bench, TrainingSettings settings, Workers workers, TrainingListener listener) {
    this.bench = bench;
    this.settings = settings;
    this.listener = listener;
    this.update =
        new Update(
            bench.trainee().parameters(), settings.optimizer(), settings.clipping(), workers);
    this.rate =
        LearningRate.parse(settings.rateSchedule(), settings.startingRate(), bench.length());
    this.stopping = new EarlyStopping(settings.stopping().orElse(EarlyStopping.Settings.BEST_ONLY));
    this.best = new BestEpoch(bench.trainee());
  }

  /**
   * Trains {@code model}, whose weights change; what it is besides stays. If the run fails, the
   * model is of no use any more.
   *
   * @param pruning absent: no weight is pruned
   * @throws IOException if data cannot be read
   * @throws ModelException if the data do not fit, nothing would train, or the loss is no number
   * @throws IllegalArgumentException if settings do not fit the run; the message names the option
   */
  public static TrainingResult train(
      Model model,
      TrainingData data,
      TrainingSettings settings,
      Optional<PruningOptions> pruning,
      TrainingMachine machine,
      TrainingListener listener)
      throws IOException {
    try (Workbench bench = Workbench.of(model, data, settings, pruning, machine);
        Workers workers = new Workers(machine.threads())) {
      return new Trainer(bench, settings, workers, listener).run();
    }
  }

  private TrainingResult run() {
    bench.plan().forEach(listener::planned);
    EarlyStopping.Verdict verdict = EarlyStopping.Verdict.GO_ON;
    for (int epoch = 0;
        epoch < settings.epochs() && verdict != EarlyStopping.Verdict.STOP;
        epoch++) {
      Epoch figures = epoch(epoch);
      history.add(figures);
      listener.epoch(figures, settings.epochs());
      verdict = judge(figures);
    }
    best.restore();
    bench.trainee().putBack();
    Optional<PruningResult> pruned = bench.masks().map(MaskUpdates::finish);
    EarlyStopping.State state = stopping.state();
    return new TrainingResult(
        step,
        history,
        epochNumber(state.stoppedEpoch()),
        epochNumber(state.bestEpoch()),
        step / trainingSeconds,
        pruned,
        bench.trainee().refusals(),
        bench.notes());
  }

  private static OptionalInt epochNumber(int epoch) {
    return epoch < 0 ? OptionalInt.empty() : OptionalInt.of(epoch);
  }

  private EarlyStopping.Verdict judge(Epoch figures) {
    boolean judged = settings.stopping().isPresent() || figures.valLoss().isPresent();
    if (!judged) {
      return EarlyStopping.Verdict.GO_ON;
    }
    boolean counts = bench.masks().map(masks -> masks.plan().isFinalAfter(step)).orElse(true);
    double value = figures.value(stopping.settings().monitor());
    EarlyStopping.Verdict verdict = stopping.ended(figures.epoch(), value, counts);
    if (verdict == EarlyStopping.Verdict.BEST) {
      best.save();
    }
    return verdict;
  }

  private Epoch epoch(int epoch) {
    long start = System.nanoTime();
    RunningMean loss = new RunningMean();
    double right = 0;
    long samples = 0;
    double learningRate = 0;
    for (int index = 0; index < bench.order().batches(); index++) {
      int[] rows = bench.order().samples(epoch, index);
      step++;
      bench.masks().ifPresent(masks -> masks.before(step));
      learningRate = rate.at(step, epoch);
      LossGraph.Outcome outcome = bench.training().run(rows, step);
      requireNumber(outcome.loss(), learningRate);
      Update.Outcome moved = update.apply(step, learningRate);
      bench.trainee().statistics().forEach(RunningStatistic::advance);
      loss.add(outcome.loss() + moved.penalty(), rows.length);
      right += outcome.right();
      samples += rows.length;
      listener.step(step, bench.length().steps());
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    trainingSeconds += seconds;
    Evaluation.Figures judged =
        bench.evaluation().map(Evaluation::run).orElse(Evaluation.Figures.NONE);
    return new Epoch(
        epoch,
        loss.mean(),
        bench.training().judges()
            ? OptionalDouble.of(right / ((double) samples * bench.training().positions()))
            : OptionalDouble.empty(),
        judged.loss(),
        judged.accuracy(),
        bench.masks().map(MaskUpdates::sparsity).orElse(0.0),
        learningRate,
        seconds);
  }

  private void requireNumber(double loss, double learningRate) {
    if (Double.isNaN(loss) || Double.isInfinite(loss)) {
      throw new ModelException(
          "step %d: the loss is %s; try a learning rate below %s (--lr), another --optimizer, or a"
                  .formatted(step, Double.isNaN(loss) ? "not a number" : "infinite", learningRate)
              + " rise from zero (--lr-schedule fixed:warmup=100,by=step), and see that the samples"
              + " are scaled as the model expects (--scale, --mean, --std)");
    }
  }
}
