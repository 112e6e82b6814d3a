package io.espalier.pipeline;

/** The run was ended from outside; no output was written. */
public final class InterruptedRunException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InterruptedRunException() {
    super("interrupted; nothing was written");
  }
}
