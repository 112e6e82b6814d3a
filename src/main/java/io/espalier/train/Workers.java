package io.espalier.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Threads that share numbered pieces of work; the thread that calls works as well. */
public final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService helpers;

  /** {@code threads} threads in all, the calling one included. */
  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, got " + threads);
    }
    this.threads = threads;
    this.helpers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1,
                work -> {
                  Thread thread = new Thread(work, "espalier-update");
                  thread.setDaemon(true);
                  return thread;
                });
  }

  /**
   * Does {@code work} for 0 to {@code pieces − 1}, in no particular order, and returns when all are
   * done. What one of them throws is thrown here.
   */
  public void run(int pieces, IntConsumer work) {
    if (helpers == null || pieces < 2) {
      for (int piece = 0; piece < pieces; piece++) {
        work.accept(piece);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    Runnable share =
        () -> {
          for (int piece; (piece = next.getAndIncrement()) < pieces; ) {
            work.accept(piece);
          }
        };
    List<Future<?>> others = new ArrayList<>();
    for (int i = 1; i < Math.min(threads, pieces); i++) {
      others.add(helpers.submit(share));
    }
    RuntimeException failure = null;
    try {
      share.run();
    } catch (RuntimeException e) {
      failure = e;
      next.set(pieces);
    }
    for (Future<?> other : others) {
      RuntimeException its = await(other);
      failure = failure == null ? its : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException await(Future<?> other) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          other.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return e.getCause() instanceof RuntimeException cause
              ? cause
              : new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    if (helpers != null) {
      helpers.shutdown();
    }
  }
}
