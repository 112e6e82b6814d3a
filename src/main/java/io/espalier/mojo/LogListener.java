package io.espalier.mojo;

import io.espalier.pipeline.Listener;
import org.apache.maven.plugin.logging.Log;

/**
 * Tells Maven's log of training and, with {@code -X}, of the stages, and the run when Maven gives
 * it up.
 */
record LogListener(Log log) implements Listener {
  @Override
  public void stage(String stage) {
    log.debug(stage);
  }

  @Override
  public void message(String line) {
    log.info(line);
  }

  @Override
  public boolean cancelled() {
    return Thread.currentThread().isInterrupted();
  }
}
