package io.espalier.cli;

/** What the process says to the one that started it. */
final class ExitCode {
  static final int DONE = 0;

  /** The model, a file or the machine stood in the way. */
  static final int FAILED = 1;

  /** The arguments make no sense. */
  static final int USAGE = 2;

  /** All was done, but a gate is not met. */
  static final int GATE_MISSED = 3;

  /** As shells say of a process that Ctrl-C ended. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
