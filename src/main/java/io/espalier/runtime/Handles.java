package io.espalier.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the sessions and shared tensors of this process that are open. They hold memory that
 * Java's collector does not see, so each has to be closed on every path.
 */
public final class Handles {
  private static final AtomicLong OPEN = new AtomicLong();

  private Handles() {}

  /** How many are open now. */
  public static long open() {
    return OPEN.get();
  }

  static void opened() {
    OPEN.incrementAndGet();
  }

  static void closed() {
    OPEN.decrementAndGet();
  }
}
