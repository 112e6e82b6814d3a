package io.espalier.train;

/**
 * How a gradient moves a weight. An optimizer has no state of its own: what it remembers of a
 * parameter are that {@link Parameter}'s moments.
 */
public sealed interface Optimizer permits Sgd, RmsProp, Adam {
  /** The number of arrays, each as long as the weights, that the optimizer remembers. */
  int moments();

  /** The learning rate that the dialect uses where none is given. */
  double defaultLearningRate();

  /**
   * Decoupled weight decay: before the step w ← w − rate · decay · w, and no part of it in gradient
   * or moments; 0 for none. PyTorch's {@code weight_decay} of SGD, RMSprop and Adam is not this but
   * an L2 penalty of half its value.
   */
  double weightDecay();

  /**
   * The formula with the constants of one step filled in.
   *
   * @param step from 1
   */
  Rule at(long step, double learningRate);

  /** Moves one stretch of a parameter. */
  @FunctionalInterface
  interface Rule {
    /**
     * Updates elements {@code from} to {@code to} of {@code weights} and {@code moments} by those
     * of {@code gradient}, which may be used as scratch space. All arrays go by one index, without
     * which the JIT compiler does not vectorize a loop over several of them.
     */
    void apply(float[] weights, float[][] moments, float[] gradient, int from, int to);
  }

  /**
   * The optimizer a user names, as {@code adam} or {@code adam:beta1=0.8,epsilon=1e-7}. What is not
   * said is as the dialect has it; {@code momentum} and {@code nesterov} are {@code sgd} with
   * momentum 0.9. Settings are {@code momentum} of these three; {@code rho}, {@code epsilon},
   * {@code momentum}, {@code centered} (yes or no) of {@code rmsprop}; {@code beta1}, {@code
   * beta2}, {@code epsilon} of {@code adam} and {@code adamw}.
   *
   * @throws IllegalArgumentException if there is no such optimizer or setting, or a value is wrong
   */
  static Optimizer named(String text, Dialect dialect) {
    return OptimizerText.read(text, dialect);
  }
}
