package io.espalier.pass;

/** What training makes small. */
public enum LossKind {
  /** Cross-entropy of integer labels, one per position. */
  LABELS,
  /** Cross-entropy of distributions over the classes, such as one-hot vectors. */
  DISTRIBUTIONS,
  /** Binary cross-entropy of numbers from 0 to 1, one per output element. */
  BINARY,
  /** Mean squared error. */
  SQUARED_ERROR,
  /** Mean absolute error. */
  ABSOLUTE_ERROR;

  /** Whether numbers are to be reached, not classes to be told. */
  public boolean isOfNumbers() {
    return this == SQUARED_ERROR || this == ABSOLUTE_ERROR;
  }

  /**
   * What fits a model's last activation and its targets.
   *
   * @param labels whether the targets are integers, one per position
   */
  public static LossKind fitting(Activation activation, boolean labels) {
    return switch (activation) {
      case SOFTMAX, LOG_SOFTMAX -> labels ? LABELS : DISTRIBUTIONS;
      case SIGMOID -> BINARY;
      case NONE -> labels ? LABELS : SQUARED_ERROR;
    };
  }
}
