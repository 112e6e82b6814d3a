package io.espalier.graph;

/**
 * A model, or data for it, that cannot be processed. The message is for the user: where, what was
 * expected, what was found and, if there is one, the way out.
 */
public class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ModelException(String message) {
    super(message);
  }

  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
