package io.espalier.train;

import io.espalier.prune.Mask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How far a run is, and all that changes in its course. */
final class RunState {
  private final Workbench bench;
  private final EarlyStopping.Settings settings;
  private final BestEpoch best;
  private final List<Epoch> history = new ArrayList<>();
  private EarlyStopping stopping;
  private EpochSoFar epoch = EpochSoFar.none();
  private long step;

  RunState(Workbench bench, EarlyStopping.Settings settings) {
    this.bench = bench;
    this.settings = settings;
    this.best = new BestEpoch(bench.trainee());
    this.stopping = new EarlyStopping(settings);
  }

  /** Updates that were made. */
  long step() {
    return step;
  }

  /** The epoch that comes next or is under way, from 0. */
  int epoch() {
    return history.size();
  }

  /** The step that comes next in its epoch, from 0; the number of batches when all were made. */
  int index() {
    return Math.toIntExact(step - (long) epoch() * bench.order().batches());
  }

  boolean done() {
    return history.size() == bench.length().epochs() || stopping.state().stoppedEpoch() >= 0;
  }

  EpochSoFar soFar() {
    return epoch;
  }

  List<Epoch> history() {
    return history;
  }

  EarlyStopping stopping() {
    return stopping;
  }

  BestEpoch best() {
    return best;
  }

  /** A step was made. */
  void made(EpochSoFar withStep) {
    step++;
    epoch = withStep;
  }

  /** An epoch ended. */
  void ended(Epoch figures) {
    history.add(figures);
    epoch = EpochSoFar.none();
  }

  /** Steps for each second of training, in all processes that the run was made in. */
  double stepsPerSecond() {
    return step / history.stream().mapToDouble(Epoch::seconds).sum();
  }

  Checkpoint checkpoint(Identity identity) {
    Map<String, Checkpoint.Saved> parameters = new LinkedHashMap<>();
    for (TrainedWeight weight : bench.trainee().weights()) {
      parameters.put(weight.parameter().name(), weight.parameter().saved());
    }
    Map<String, byte[]> statistics = new LinkedHashMap<>();
    bench.trainee().statistics().forEach(one -> statistics.put(one.input(), one.saved()));
    List<Mask> masks = bench.masks().map(MaskUpdates::masks).orElse(List.of());
    return new Checkpoint(
        identity,
        done(),
        step,
        parameters,
        statistics,
        masks,
        best.saved(),
        stopping.state(),
        epoch,
        List.copyOf(history));
  }

  /** Goes on where a checkpoint was made, which must be of the same run. */
  void resume(Checkpoint from) {
    for (TrainedWeight weight : bench.trainee().weights()) {
      weight.parameter().restore(from.parameters().get(weight.parameter().name()));
    }
    for (RunningStatistic statistic : bench.trainee().statistics()) {
      statistic.restore(from.statistics().get(statistic.input()));
    }
    bench.masks().ifPresent(masks -> masks.resume(from.step(), from.masks()));
    best.resume(from.best());
    stopping = new EarlyStopping(settings, from.stopping());
    history.clear();
    history.addAll(from.history());
    epoch = from.epoch();
    step = from.step();
  }
}
