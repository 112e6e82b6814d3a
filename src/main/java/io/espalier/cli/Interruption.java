package io.espalier.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;

/**
 * Ctrl-C and its like, as the run sees them: asked to stop, it stops at its next step, tidies up
 * and ends the process itself. It is given a while for that; asked a second time, or out of
 * patience, the process ends at once.
 *
 * <p>The signals are taken from the JVM, which would otherwise begin to end at once, and with it
 * the native runtime, while the run is still using it. Where the JVM does not give them away, its
 * own way of ending remains.
 */
final class Interruption implements AutoCloseable {
  /** By convention the exit code is the sum of this and the number of the signal. */
  private static final int EXIT_OF_SIGNALS = 128;

  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private final Duration patience;
  private volatile int signal;

  private Interruption(Duration patience) {
    this.patience = patience;
  }

  /**
   * Watches from now on.
   *
   * @param patience how long a run that was asked to stop may take for it
   */
  static Interruption watch(Duration patience) {
    Interruption interruption = new Interruption(patience);
    interruption.handle("INT", SIGINT);
    interruption.handle("TERM", SIGTERM);
    return interruption;
  }

  /** Hears of nothing. */
  static Interruption never() {
    return new Interruption(Duration.ZERO);
  }

  /** Whether the run is to stop. */
  boolean asked() {
    return signal != 0;
  }

  /** The class is not part of Java SE, so it is looked up by name. */
  private void handle(String name, int number) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      InvocationHandler onSignal =
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              stop(number);
            }
            return null;
          };
      Object handler =
          Proxy.newProxyInstance(
              Interruption.class.getClassLoader(), new Class<?>[] {handlerType}, onSignal);
      type.getMethod("handle", type, handlerType)
          .invoke(null, type.getConstructor(String.class).newInstance(name), handler);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // the JVM keeps the signal to itself
    }
  }

  private void stop(int number) {
    if (asked()) {
      System.exit(EXIT_OF_SIGNALS + number);
    }
    signal = number;
    Thread impatient = new Thread(() -> exitAfterAWhile(number), "impatient");
    impatient.setDaemon(true);
    impatient.start();
  }

  private void exitAfterAWhile(int number) {
    try {
      Thread.sleep(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.exit(EXIT_OF_SIGNALS + number);
  }

  @Override
  public void close() {
    // the process ends soon; until then the signals stay where they are
  }
}
