package io.espalier.train;

/**
 * RMSprop: the gradient divided by a running root of its mean square (Hinton's lecture 6e).
 *
 * <pre>
 * v ← ρv + (1 − ρ)g²;   centered: a ← ρa + (1 − ρ)g and v − a² stands for v below
 * PyTorch: d = g / (√v + ε),   with momentum: b ← μb + d,    w ← w − ηb
 * Keras:   d = ηg / √(v + ε),  with momentum: m ← μm + d,    w ← w − m
 * </pre>
 *
 * A variance v − a² that rounding makes negative is taken as 0; both frameworks get NaN of it.
 *
 * <p>Moments are, in this order: v, then a where centered, then the velocity where there is
 * momentum.
 *
 * @param rho ρ, PyTorch's {@code alpha}
 * @see <a href="https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html">torch</a>
 * @see <a href="https://keras.io/api/optimizers/rmsprop/">Keras</a>
 */
public record RmsProp(
    Dialect dialect,
    double rho,
    double epsilon,
    double momentum,
    boolean centered,
    double weightDecay)
    implements Optimizer {

  /** PyTorch: ρ 0.99, ε 1e-8; Keras: ρ 0.9, ε 1e-7. */
  public static RmsProp defaults(Dialect dialect) {
    return dialect == Dialect.KERAS
        ? new RmsProp(dialect, 0.9, 1e-7, 0, false, 0)
        : new RmsProp(dialect, 0.99, 1e-8, 0, false, 0);
  }

  @Override
  public int moments() {
    return 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
  }

  @Override
  public double defaultLearningRate() {
    return dialect == Dialect.KERAS ? 0.001 : 0.01;
  }

  @Override
  public Rule at(long step, double learningRate) {
    boolean keras = dialect == Dialect.KERAS;
    float inside = keras ? (float) epsilon : 0;
    float outside = keras ? 0 : (float) epsilon;
    float before = keras ? (float) learningRate : 1;
    float after = keras ? 1 : (float) learningRate;
    return (w, moments, g, from, to) -> {
      average(moments[0], g, from, to);
      if (centered) {
        averageGradient(moments[1], g, from, to);
        divide(g, moments[0], moments[1], from, to, before, inside, outside);
      } else {
        divide(g, moments[0], from, to, before, inside, outside);
      }
      if (momentum > 0) {
        move(w, moments[moments() - 1], g, from, to, after, (float) momentum);
      } else {
        move(w, g, from, to, after);
      }
    };
  }

  private void average(float[] v, float[] g, int from, int to) {
    float keep = (float) rho;
    float add = (float) (1 - rho);
    for (int i = from; i < to; i++) {
      v[i] = keep * v[i] + add * g[i] * g[i];
    }
  }

  private void averageGradient(float[] a, float[] g, int from, int to) {
    float keep = (float) rho;
    float add = (float) (1 - rho);
    for (int i = from; i < to; i++) {
      a[i] = keep * a[i] + add * g[i];
    }
  }

  private static void divide(
      float[] g, float[] v, int from, int to, float factor, float inside, float outside) {
    for (int i = from; i < to; i++) {
      g[i] = factor * g[i] / ((float) Math.sqrt(v[i] + inside) + outside);
    }
  }

  private static void divide(
      float[] g,
      float[] v,
      float[] a,
      int from,
      int to,
      float factor,
      float inside,
      float outside) {
    for (int i = from; i < to; i++) {
      float variance = Math.max(v[i] - a[i] * a[i], 0f);
      g[i] = factor * g[i] / ((float) Math.sqrt(variance + inside) + outside);
    }
  }

  private static void move(float[] w, float[] d, int from, int to, float rate) {
    for (int i = from; i < to; i++) {
      w[i] -= rate * d[i];
    }
  }

  private static void move(
      float[] w, float[] b, float[] d, int from, int to, float rate, float momentum) {
    for (int i = from; i < to; i++) {
      float velocity = momentum * b[i] + d[i];
      b[i] = velocity;
      w[i] -= rate * velocity;
    }
  }
}
