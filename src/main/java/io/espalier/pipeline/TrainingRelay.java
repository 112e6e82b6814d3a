package io.espalier.pipeline;

import io.espalier.train.Epoch;
import io.espalier.train.Step;
import io.espalier.train.TrainingListener;
import java.nio.file.Path;

/** Passes on what training says, with the pace at which it goes. */
final class TrainingRelay implements TrainingListener {
  private final Listener listener;
  private long beganNanos;
  private long beganStep = -1;

  TrainingRelay(Listener listener) {
    this.listener = listener;
  }

  @Override
  public void planned(String line) {
    listener.message(line);
    beganNanos = System.nanoTime();
  }

  @Override
  public void step(Step step) {
    Stages.stopIfCancelled(listener);
    if (beganStep < 0) {
      beganStep = step.step() - 1;
    }
    double seconds = Math.max(1, System.nanoTime() - beganNanos) / 1e9;
    double pace = (step.step() - beganStep) / seconds;
    listener.step(
        new TrainingProgress(
            step.epoch() + 1,
            step.epochs(),
            step.step(),
            step.steps(),
            step.loss(),
            step.accuracy(),
            step.sparsity(),
            step.rate(),
            pace,
            (step.steps() - step.step()) / pace));
  }

  @Override
  public void judging(long done, long total) {
    Stages.stopIfCancelled(listener);
  }

  @Override
  public void epoch(Epoch epoch, int epochs) {
    listener.message(epoch.line(epochs));
  }

  @Override
  public void kept(Path folder, long step) {
    listener.kept(folder, step);
  }
}
