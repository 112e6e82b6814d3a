package io.espalier.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and its like, as the run sees them: asked to stop, it stops at its next step and tidies
 * up, and the process ends only then, or after a while all the same.
 */
final class Interruption implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 5;

  private final CountDownLatch tidy = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "interruption");
  private volatile boolean asked;

  private Interruption() {}

  /** Watches from now on until closed. */
  static Interruption watch() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Of a run that leaves nothing to tidy up: the process may end at once. */
  static Interruption never() {
    return new Interruption();
  }

  /** Whether the run is to stop. */
  boolean asked() {
    return asked;
  }

  /** Stops watching; the run has ended. */
  @Override
  public void close() {
    tidy.countDown();
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the process has begun to end after the run did
      }
    }
  }

  private void onShutdown() {
    asked = true;
    try {
      tidy.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
