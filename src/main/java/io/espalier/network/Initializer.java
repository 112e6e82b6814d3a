package io.espalier.network;

import io.espalier.random.RandomStream;

/**
 * How weights start that are not taken from a model. Xavier is also called Glorot, He also Kaiming;
 * fans count the kernel's area ({@link Fans}).
 */
public sealed interface Initializer {
  /** Initial weights; those of one seed, name and size are always the same. */
  float[] draw(RandomStream random, int size, Fans fans);

  /** All weights 0. */
  record Zeros() implements Initializer {
    @Override
    public float[] draw(RandomStream random, int size, Fans fans) {
      return new float[size];
    }
  }

  /** N(0, deviation²), whatever the fans are. */
  record Normal(double deviation) implements Initializer {
    @Override
    public float[] draw(RandomStream random, int size, Fans fans) {
      return scaledNormal(random, size, deviation);
    }
  }

  /**
   * Weights of a variance of {@code scale / fan}: Keras' {@code VarianceScaling}. Xavier has scale
   * 1 and the mean of both fans (Glorot and Bengio 2010), He scale 2 and the fan in (He et al.
   * 2015, arXiv:1502.01852).
   */
  record VarianceScaling(double scale, Fan fan, Distribution distribution) implements Initializer {
    @Override
    public float[] draw(RandomStream random, int size, Fans fans) {
      double variance = scale / Math.max(1, fan.of(fans));
      return switch (distribution) {
        case UNIFORM -> uniform(random, size, Math.sqrt(3 * variance));
        case NORMAL -> scaledNormal(random, size, Math.sqrt(variance));
        case TRUNCATED -> truncated(random, size, Math.sqrt(variance) / TRUNCATED_DEVIATION);
      };
    }
  }

  /** Which number of connections counts. */
  enum Fan {
    IN,
    OUT,
    MEAN;

    double of(Fans fans) {
      return switch (this) {
        case IN -> fans.in();
        case OUT -> fans.out();
        case MEAN -> (fans.in() + fans.out()) / 2.0;
      };
    }
  }

  /** How weights of one variance are spread. */
  enum Distribution {
    /** Evenly within ±√(3 · variance). */
    UNIFORM,
    /** As a normal distribution. */
    NORMAL,
    /** As a normal distribution cut off at two deviations and widened to make up for it: Keras. */
    TRUNCATED
  }

  /** The deviation of the standard normal distribution within [−2, 2]. */
  double TRUNCATED_DEVIATION = 0.87962566103423978;

  /**
   * The initializer a user names: {@code zeros}, {@code normal} (deviation 0.01), {@code
   * xavier-uniform}, {@code xavier-normal}, {@code he-uniform}, {@code he-normal}, and Keras'
   * truncated {@code glorot_normal}, {@code he_normal}.
   */
  static Initializer named(String name) {
    return switch (name) {
      case "zeros" -> new Zeros();
      case "normal" -> new Normal(0.01);
      case "xavier-uniform", "glorot_uniform" ->
          new VarianceScaling(1, Fan.MEAN, Distribution.UNIFORM);
      case "xavier-normal" -> new VarianceScaling(1, Fan.MEAN, Distribution.NORMAL);
      case "glorot_normal" -> new VarianceScaling(1, Fan.MEAN, Distribution.TRUNCATED);
      case "he-uniform", "he_uniform" -> new VarianceScaling(2, Fan.IN, Distribution.UNIFORM);
      case "he-normal" -> new VarianceScaling(2, Fan.IN, Distribution.NORMAL);
      case "he_normal" -> new VarianceScaling(2, Fan.IN, Distribution.TRUNCATED);
      default ->
          throw new IllegalArgumentException(
              "expected zeros, normal, xavier-uniform, xavier-normal, he-uniform, he-normal,"
                  + " glorot_normal or he_normal, got '%s'".formatted(name));
    };
  }

  private static float[] uniform(RandomStream random, int size, double limit) {
    float[] weights = new float[size];
    random.uniform(0, weights);
    for (int i = 0; i < size; i++) {
      weights[i] = (float) ((2 * weights[i] - 1) * limit);
    }
    return weights;
  }

  private static float[] scaledNormal(RandomStream random, int size, double deviation) {
    float[] weights = new float[size];
    random.normal(0, weights);
    for (int i = 0; i < size; i++) {
      weights[i] *= (float) deviation;
    }
    return weights;
  }

  private static float[] truncated(RandomStream random, int size, double deviation) {
    float[] weights = new float[size];
    float[] spare = new float[size];
    random.normal(0, weights);
    for (int round = 1; redrawn(weights, spare, random, round); round++) {}
    for (int i = 0; i < size; i++) {
      weights[i] *= (float) deviation;
    }
    return weights;
  }

  private static boolean redrawn(float[] weights, float[] spare, RandomStream random, int round) {
    boolean any = false;
    for (int i = 0; i < weights.length; i++) {
      if (Math.abs(weights[i]) > 2) {
        if (!any) {
          random.normal(round, spare);
          any = true;
        }
        weights[i] = spare[i];
      }
    }
    return any;
  }
}
