package io.espalier.mojo;

import io.espalier.pipeline.Listener;
import io.espalier.pipeline.TrainingProgress;
import java.nio.file.Path;
import org.apache.maven.plugin.logging.Log;

/**
 * Tells Maven's log of training and, with {@code -X}, of the stages, and the run when Maven gives
 * it up.
 */
final class LogListener implements Listener {
  private static final long SILENCE_NANOS = 30_000_000_000L;

  private final Log log;
  private long saidNanos = System.nanoTime();
  private Path kept;

  LogListener(Log log) {
    this.log = log;
  }

  @Override
  public void stage(String stage) {
    log.debug(stage);
  }

  @Override
  public void message(String line) {
    log.info(line);
    saidNanos = System.nanoTime();
  }

  @Override
  public void step(TrainingProgress progress) {
    if (System.nanoTime() - saidNanos >= SILENCE_NANOS) {
      message(progress.line());
    }
  }

  @Override
  public void kept(Path folder, long step) {
    kept = folder;
  }

  /** The run has failed. */
  void failed() {
    if (kept != null) {
      log.info("the training goes on where it was with -Despalier.resume=" + kept);
    }
  }

  @Override
  public boolean cancelled() {
    return Thread.currentThread().isInterrupted();
  }
}
