package io.espalier.train;

/** A term of the loss that depends on one parameter alone. */
public interface Penalty {
  /** No penalty. */
  Penalty NONE = new ElasticNet(0, 0);

  /**
   * Adds the gradient of the penalty on elements {@code from} to {@code to} of {@code weights} to
   * those of {@code gradient}, and returns the penalty on them. Called from several threads at once
   * for different stretches.
   */
  double add(float[] weights, float[] gradient, int from, int to);

  /** Whether the penalty is zero whatever the weights are. */
  default boolean isNone() {
    return false;
  }
}
