package io.espalier.graph;

/** The file may be valid, but it uses something that Espalier does not process. */
public final class UnsupportedModelException extends ModelException {
  private static final long serialVersionUID = 1;

  public UnsupportedModelException(String message) {
    super(message);
  }

  public UnsupportedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
