package io.espalier.train;

/**
 * λ₁Σ|w| + λ₂Σw², with gradient λ₁ sign(w) + 2λ₂w and sign(0) = 0: {@code keras.regularizers.L1L2}.
 *
 * @param l1 λ₁, 0 for none
 * @param l2 λ₂, 0 for none; PyTorch's {@code weight_decay} of an optimizer without decoupling is
 *     2λ₂
 */
public record ElasticNet(double l1, double l2) implements Penalty {
  public ElasticNet {
    requireStrength("l1", l1);
    requireStrength("l2", l2);
  }

  private static void requireStrength(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + ": expected 0 or more, got " + value);
    }
  }

  @Override
  public boolean isNone() {
    return l1 == 0 && l2 == 0;
  }

  @Override
  public double add(float[] weights, float[] gradient, int from, int to) {
    double penalty = 0;
    if (l1 != 0) {
      addSigns(weights, gradient, from, to, (float) l1);
      penalty += l1 * Stretch.sumOfMagnitudes(weights, from, to);
    }
    if (l2 != 0) {
      Stretch.addMultiple(gradient, weights, from, to, (float) (2 * l2));
      penalty += l2 * Stretch.sumOfSquares(weights, from, to);
    }
    return penalty;
  }

  private static void addSigns(float[] w, float[] g, int from, int to, float strength) {
    for (int i = from; i < to; i++) {
      g[i] += strength * Stretch.sign(w[i]);
    }
  }
}
