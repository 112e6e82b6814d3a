package io.espalier.train;

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980); with decoupled weight decay AdamW (Loshchilov and
 * Hutter 2019, arXiv:1711.05101).
 *
 * <pre>
 * m ← m + (1 − β₁)(g − m),   v ← v + (1 − β₂)(g² − v)
 * PyTorch: w ← w − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
 * Keras:   w ← w − η√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε)
 * </pre>
 *
 * Moments are m, then v.
 *
 * @see <a href="https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html">torch</a>
 * @see <a href="https://keras.io/api/optimizers/adam/">Keras</a>
 */
public record Adam(Dialect dialect, double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {

  /** β₁ 0.9, β₂ 0.999; ε 1e-8 as PyTorch, 1e-7 as Keras. */
  public static Adam defaults(Dialect dialect) {
    return new Adam(dialect, 0.9, 0.999, dialect == Dialect.KERAS ? 1e-7 : 1e-8, 0);
  }

  /** AdamW with the decay that is the default of its dialect: PyTorch 0.01, Keras 0.004. */
  public static Adam decoupled(Dialect dialect) {
    Adam adam = defaults(dialect);
    double decay = dialect == Dialect.KERAS ? 0.004 : 0.01;
    return new Adam(dialect, adam.beta1, adam.beta2, adam.epsilon, decay);
  }

  /** The same with another decoupled weight decay. */
  public Adam withWeightDecay(double decay) {
    return new Adam(dialect, beta1, beta2, epsilon, decay);
  }

  @Override
  public int moments() {
    return 2;
  }

  @Override
  public double defaultLearningRate() {
    return 0.001;
  }

  @Override
  public Rule at(long step, double learningRate) {
    double correction1 = 1 - Math.pow(beta1, step);
    double correction2 = Math.sqrt(1 - Math.pow(beta2, step));
    boolean keras = dialect == Dialect.KERAS;
    float rate = (float) (learningRate * (keras ? correction2 : 1) / correction1);
    float rootScale = keras ? 1 : (float) (1 / correction2);
    float b1 = (float) (1 - beta1);
    float b2 = (float) (1 - beta2);
    float eps = (float) epsilon;
    return (w, moments, g, from, to) ->
        move(w, moments[0], moments[1], g, from, to, b1, b2, rate, rootScale, eps);
  }

  private static void move(
      float[] w,
      float[] m,
      float[] v,
      float[] g,
      int from,
      int to,
      float b1,
      float b2,
      float rate,
      float rootScale,
      float eps) {
    for (int i = from; i < to; i++) {
      float gradient = g[i];
      float mean = m[i] + b1 * (gradient - m[i]);
      float square = v[i] + b2 * (gradient * gradient - v[i]);
      m[i] = mean;
      v[i] = square;
      w[i] -= rate * mean / ((float) Math.sqrt(square) * rootScale + eps);
    }
  }
}
