package io.espalier.graph;

/** The file is wrong: it breaks a rule of its own format. */
public final class MalformedModelException extends ModelException {
  private static final long serialVersionUID = 1;

  public MalformedModelException(String message) {
    super(message);
  }

  public MalformedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
