package io.espalier.train;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Keeps the checkpoint of a run up to date: at the end of epochs, every minute, and when the run is
 * stopped; more seldom where writing would take more than a twentieth of the time.
 */
final class Keeper {
  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final int SHARE = 20;

  private final Path folder;
  private final Identity identity;
  private final RunState state;
  private final Trainee trainee;
  private final TrainingListener listener;
  private long keptNanos;
  private long pauseNanos;
  private long keptStep = -1;
  private int keptEpochs;

  private Keeper(
      Path folder, Identity identity, RunState state, Trainee trainee, TrainingListener listener) {
    this.folder = folder;
    this.identity = identity;
    this.state = state;
    this.trainee = trainee;
    this.listener = listener;
  }

  /**
   * Starts the run anew with a first checkpoint, or goes on from the one that is there.
   *
   * @throws ModelException if the one that is there is damaged, or of another run
   */
  static Keeper begin(
      Checkpointing asked, RunState state, Workbench bench, TrainingListener listener)
      throws IOException {
    Identity identity = asked.identity().with(bench.hashes());
    Keeper keeper = new Keeper(asked.folder(), identity, state, bench.trainee(), listener);
    if (asked.resume()) {
      Checkpoint from = Checkpoint.read(asked.folder());
      from.requireSame(identity, asked.folder());
      state.resume(from);
      keeper.kept();
    } else {
      requireNothingLost(asked.folder());
      keeper.keep();
    }
    return keeper;
  }

  /** A run that starts anew does not replace what another one would need to go on. */
  private static void requireNothingLost(Path folder) throws IOException {
    if (!Checkpoint.isIn(folder)) {
      return;
    }
    Checkpoint there;
    try {
      there = Checkpoint.read(folder);
    } catch (MalformedModelException e) {
      throw new IllegalArgumentException(
          "--checkpoint %s: holds a file that is in its place and cannot be resumed; another or an"
                  .formatted(folder)
              + " emptied folder starts anew ("
              + e.getMessage()
              + ")");
    }
    if (!there.done()) {
      throw new IllegalArgumentException(
          "--checkpoint %s: holds an unfinished run, at step %d; --resume %s goes on with it, another"
                  .formatted(folder, there.step(), folder)
              + " or an emptied folder starts anew");
    }
  }

  /** A step was made. */
  void step() throws IOException {
    keepAfter(Math.max(MINUTE_NANOS, pauseNanos));
  }

  /** An epoch ended. */
  void epoch() throws IOException {
    keepAfter(state.done() ? 0 : pauseNanos);
  }

  private void keepAfter(long nanos) throws IOException {
    if (System.nanoTime() - keptNanos >= nanos) {
      keep();
    }
  }

  /**
   * Writes a checkpoint of the state as it is, unless there is one already.
   *
   * @throws ModelException if a weight is no number any more; the checkpoint before stays
   */
  private void keep() throws IOException {
    if (keptStep == state.step() && keptEpochs == state.epoch()) {
      return;
    }
    trainee.requireNumbers(state.step());
    long start = System.nanoTime();
    state.checkpoint(identity).write(folder);
    kept();
    pauseNanos = SHARE * (keptNanos - start);
  }

  private void kept() {
    keptStep = state.step();
    keptEpochs = state.epoch();
    keptNanos = System.nanoTime();
    listener.kept(folder, keptStep);
  }

  /** Writes a checkpoint because of a failure that it must not hide. */
  void keep(RuntimeException why) {
    try {
      keep();
    } catch (IOException | ModelException e) {
      why.addSuppressed(e);
    }
  }
}
