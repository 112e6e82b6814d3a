package io.espalier.mojo;

import io.espalier.pipeline.Listener;
import org.apache.maven.plugin.logging.Log;

/** Tells {@code mvn -X} of the stages, and the run when Maven gives it up. */
record LogListener(Log log) implements Listener {
  @Override
  public void stage(String stage) {
    log.debug(stage);
  }

  @Override
  public boolean cancelled() {
    return Thread.currentThread().isInterrupted();
  }
}
