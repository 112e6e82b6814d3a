package io.espalier.train;

/** A figure of an epoch that early stopping looks at, by the names Keras gives them. */
public enum Monitor {
  LOSS("loss", false),
  ACCURACY("accuracy", true),
  VAL_LOSS("val_loss", false),
  VAL_ACCURACY("val_accuracy", true);

  private final String text;
  private final boolean rising;

  Monitor(String text, boolean rising) {
    this.text = text;
    this.rising = rising;
  }

  /**
   * The figure of that name; {@code acc} and {@code val_acc} are the accuracies.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Monitor of(String name) {
    String full = name.endsWith("acc") ? name + "uracy" : name;
    for (Monitor monitor : values()) {
      if (monitor.text.equals(full)) {
        return monitor;
      }
    }
    throw new IllegalArgumentException(
        "expected val_loss, val_accuracy, loss or accuracy, got '" + name + "'");
  }

  /** Whether it comes from validation samples. */
  public boolean validates() {
    return this == VAL_LOSS || this == VAL_ACCURACY;
  }

  /** Whether larger is better. */
  public boolean rising() {
    return rising;
  }

  /** Whether {@code value} is better than {@code reference} by more than {@code minDelta}. */
  public boolean improves(double value, double reference, double minDelta) {
    return rising ? value - minDelta > reference : value + minDelta < reference;
  }

  @Override
  public String toString() {
    return text;
  }
}
