package io.espalier.prune;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The few values that all weights of a tensor share, found by k-means (Lloyd's algorithm in one
 * dimension). Zeros stay zeros and all other weights go to the nearest value, as in Deep
 * Compression (Han et al. 2016, section 3).
 */
public final class Codebook {
  private static final int MOST_ROUNDS = 300;

  private final float[] values;

  private Codebook(float[] values) {
    this.values = values;
  }

  /** Where k-means starts from. */
  public enum Start {
    /** Values at equal distances between the smallest and the largest weight. */
    LINEAR,
    /** Values with as many weights between each other: quantiles. */
    DENSITY,
    /** Weights drawn one after the other, far ones likelier (Arthur and Vassilvitskii 2007). */
    KMEANS
  }

  /**
   * Finds the values.
   *
   * @param entries the most values, zero included
   * @param seed draws the weights that {@link Start#KMEANS} begins with
   */
  public static Codebook fit(float[] weights, int entries, Start start, long seed) {
    float[] sorted = new float[weights.length];
    int count = 0;
    for (float weight : weights) {
      if (weight != 0) {
        sorted[count++] = weight;
      }
    }
    sorted = Arrays.copyOf(sorted, count);
    Arrays.parallelSort(sorted);
    int wanted = entries - 1;
    float[] distinct = distinct(sorted, wanted);
    if (distinct != null) {
      return new Codebook(distinct);
    }
    float[] values =
        switch (start) {
          case LINEAR -> linear(sorted, wanted);
          case DENSITY -> quantiles(sorted, wanted);
          case KMEANS -> spread(sorted, wanted, seed);
        };
    return new Codebook(converged(sorted, values));
  }

  /** The values that there are; null if they are more than {@code most}. */
  private static float[] distinct(float[] sorted, int most) {
    float[] found = new float[most];
    int count = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        if (count == most) {
          return null;
        }
        found[count++] = sorted[i];
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static float[] linear(float[] sorted, int count) {
    float[] values = new float[count];
    double low = sorted[0];
    double high = sorted[sorted.length - 1];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (count == 1 ? (low + high) / 2 : low + (high - low) * i / (count - 1));
    }
    return values;
  }

  private static float[] quantiles(float[] sorted, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = sorted[(int) ((2L * i + 1) * sorted.length / (2L * count))];
    }
    return values;
  }

  private static float[] spread(float[] sorted, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    double[] squares = new double[sorted.length];
    Arrays.fill(squares, 1);
    for (int i = 0; i < count; i++) {
      values[i] = sorted[drawn(squares, random.nextDouble())];
      for (int at = 0; at < sorted.length; at++) {
        double distance = sorted[at] - values[i];
        double square = distance * distance;
        squares[at] = i == 0 ? square : Math.min(squares[at], square);
      }
    }
    Arrays.sort(values);
    return values;
  }

  private static int drawn(double[] shares, double point) {
    double left = point * Arrays.stream(shares).sum();
    for (int i = 0; i < shares.length; i++) {
      left -= shares[i];
      if (left < 0) {
        return i;
      }
    }
    return shares.length - 1;
  }

  /** Moves every value to the mean of the weights nearest to it, until none moves. */
  private static float[] converged(float[] sorted, float[] start) {
    double[] sums = new double[sorted.length + 1];
    for (int i = 0; i < sorted.length; i++) {
      sums[i + 1] = sums[i] + sorted[i];
    }
    float[] values = start;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      float[] moved = values.clone();
      int from = 0;
      for (int i = 0; i < values.length; i++) {
        int to = i + 1 == values.length ? sorted.length : firstAbove(sorted, middle(values, i));
        if (to > from) {
          moved[i] = (float) ((sums[to] - sums[from]) / (to - from));
        }
        from = Math.max(from, to);
      }
      Arrays.sort(moved);
      if (Arrays.equals(moved, values)) {
        break;
      }
      values = moved;
    }
    return values;
  }

  private static float middle(float[] values, int i) {
    return (float) ((double) values[i] / 2 + (double) values[i + 1] / 2);
  }

  /** The index of the first element that is larger. */
  private static int firstAbove(float[] sorted, float bound) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= bound) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The values other than zero, ascending. */
  public float[] values() {
    return values.clone();
  }

  /** For each weight 0 if it is zero, else one more than the index of the nearest value. */
  public short[] codes(float[] weights) {
    float[] bounds = new float[Math.max(0, values.length - 1)];
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = middle(values, i);
    }
    short[] codes = new short[weights.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (short) (weights[i] == 0 ? 0 : 1 + nearest(bounds, weights[i]));
    }
    return codes;
  }

  private static int nearest(float[] bounds, float weight) {
    int low = 0;
    int high = bounds.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bounds[middle] < weight) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Puts the value of its code in the place of every weight. */
  public void apply(float[] weights, short[] codes) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = codes[i] == 0 ? 0 : values[codes[i] - 1];
    }
  }
}
