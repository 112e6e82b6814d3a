package io.espalier.pipeline;

/** What was asked for makes no sense; the message names the option and what it takes. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }
}
