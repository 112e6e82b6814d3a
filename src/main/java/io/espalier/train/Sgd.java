package io.espalier.train;

/**
 * Gradient descent, with or without momentum μ.
 *
 * <pre>
 * PyTorch: b ← μb + g,       w ← w − ηb;   Nesterov: w ← w − η(g + μb)
 * Keras:   m ← μm − ηg,      w ← w + m;    Nesterov: w ← w + μm − ηg
 * </pre>
 *
 * The two differ once the rate η changes: Keras' velocity keeps the rates it was made with.
 *
 * @param momentum μ in [0, 1); 0 for none, which needs no moments
 * @param nesterov whether the step looks ahead (Nesterov 1983, as in Sutskever et al. 2013)
 * @see <a href="https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html">torch SGD</a>
 * @see <a href="https://keras.io/api/optimizers/sgd/">Keras SGD</a>
 */
public record Sgd(Dialect dialect, double momentum, boolean nesterov, double weightDecay)
    implements Optimizer {

  public Sgd {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum: expected 0 up to but not 1, got " + momentum);
    }
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov: expected a momentum above 0");
    }
  }

  /** Without momentum. */
  public static Sgd plain(Dialect dialect) {
    return new Sgd(dialect, 0, false, 0);
  }

  /** The same with momentum. */
  public Sgd withMomentum(double newMomentum, boolean lookingAhead) {
    return new Sgd(dialect, newMomentum, lookingAhead, weightDecay);
  }

  @Override
  public int moments() {
    return momentum == 0 ? 0 : 1;
  }

  @Override
  public double defaultLearningRate() {
    return dialect == Dialect.KERAS ? 0.01 : 0.001;
  }

  @Override
  public Rule at(long step, double learningRate) {
    float rate = (float) learningRate;
    float mu = (float) momentum;
    if (momentum == 0) {
      return (w, moments, g, from, to) -> descend(w, g, from, to, rate);
    }
    if (dialect == Dialect.KERAS) {
      return nesterov
          ? (w, moments, g, from, to) -> kerasNesterov(w, moments[0], g, from, to, rate, mu)
          : (w, moments, g, from, to) -> kerasMomentum(w, moments[0], g, from, to, rate, mu);
    }
    return nesterov
        ? (w, moments, g, from, to) -> nesterov(w, moments[0], g, from, to, rate, mu)
        : (w, moments, g, from, to) -> momentum(w, moments[0], g, from, to, rate, mu);
  }

  private static void descend(float[] w, float[] g, int from, int to, float rate) {
    for (int i = from; i < to; i++) {
      w[i] -= rate * g[i];
    }
  }

  private static void momentum(
      float[] w, float[] b, float[] g, int from, int to, float rate, float mu) {
    for (int i = from; i < to; i++) {
      float velocity = mu * b[i] + g[i];
      b[i] = velocity;
      w[i] -= rate * velocity;
    }
  }

  private static void nesterov(
      float[] w, float[] b, float[] g, int from, int to, float rate, float mu) {
    for (int i = from; i < to; i++) {
      float velocity = mu * b[i] + g[i];
      b[i] = velocity;
      w[i] -= rate * (g[i] + mu * velocity);
    }
  }

  private static void kerasMomentum(
      float[] w, float[] m, float[] g, int from, int to, float rate, float mu) {
    for (int i = from; i < to; i++) {
      float velocity = mu * m[i] - rate * g[i];
      m[i] = velocity;
      w[i] += velocity;
    }
  }

  private static void kerasNesterov(
      float[] w, float[] m, float[] g, int from, int to, float rate, float mu) {
    for (int i = from; i < to; i++) {
      float velocity = mu * m[i] - rate * g[i];
      m[i] = velocity;
      w[i] += mu * velocity - rate * g[i];
    }
  }
}
