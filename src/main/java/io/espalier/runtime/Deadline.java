package io.espalier.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Tells a run to stop when its time is over; closed when the run has ended. */
final class Deadline implements AutoCloseable {
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread watcher;
  private volatile boolean passed;

  Deadline(OrtSession.RunOptions run, Duration limit) {
    watcher = new Thread(() -> watch(run, limit), "espalier-deadline");
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch(OrtSession.RunOptions run, Duration limit) {
    try {
      if (!ended.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        passed = true;
        run.setTerminate(true);
      }
    } catch (InterruptedException | OrtException e) {
      passed = true;
    }
  }

  boolean passed() {
    return passed;
  }

  /** Waits for the watcher, which must not touch the options once they are closed. */
  @Override
  public void close() {
    ended.countDown();
    boolean interrupted = false;
    while (watcher.isAlive()) {
      try {
        watcher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
