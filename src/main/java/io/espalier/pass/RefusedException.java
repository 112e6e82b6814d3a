package io.espalier.pass;

/** Thrown by a rule that cannot rewrite a node; the message is the reason. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RefusedException(String reason) {
    super(reason, null, false, false);
  }
}
