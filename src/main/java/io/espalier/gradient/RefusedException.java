package io.espalier.gradient;

/** A rule cannot differentiate this very node; the walk makes a refusal of it. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RefusedException(String reason) {
    super(reason, null, false, false);
  }
}
