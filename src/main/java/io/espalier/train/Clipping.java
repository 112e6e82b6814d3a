package io.espalier.train;

/** How gradients, the penalty's part included, are limited before the optimizer sees them. */
public sealed interface Clipping {
  /** Gradients as they are. */
  Clipping NONE = new None();

  /** Gradients as they are. */
  record None() implements Clipping {}

  /**
   * All gradients scaled by one factor so that the norm over all of them is at most {@code max}.
   * PyTorch: min(1, max / (‖g‖ + 1e-6)), {@code clip_grad_norm_}; Keras: min(1, max / ‖g‖), {@code
   * global_clipnorm}.
   */
  record GlobalNorm(double max, Dialect dialect) implements Clipping {
    public GlobalNorm {
      requirePositive(max);
    }
  }

  /** The gradient of every parameter by itself scaled to a norm of at most {@code max}. */
  record Norm(double max) implements Clipping {
    public Norm {
      requirePositive(max);
    }
  }

  /** Every element limited to [−max, max]. */
  record Value(double max) implements Clipping {
    public Value {
      requirePositive(max);
    }
  }

  private static void requirePositive(double max) {
    if (!(max > 0) || Double.isInfinite(max)) {
      throw new IllegalArgumentException("gradient clipping: expected more than 0, got " + max);
    }
  }

  /** The factor that takes a gradient of norm {@code norm} to at most {@code max}. */
  static double factor(double norm, double max, Dialect dialect) {
    return Math.min(1, max / (dialect == Dialect.KERAS ? norm : norm + 1e-6));
  }
}
