package io.espalier.prune;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The codebooks of a weight: one for all of it, or one for each of its channels. */
public final class SharedValues {
  private final Codebook[] codebooks;
  private final int stride;

  private SharedValues(Codebook[] codebooks, int stride) {
    this.codebooks = codebooks;
    this.stride = stride;
  }

  /**
   * Finds the values.
   *
   * @param channels codebooks
   * @param stride elements from one channel to the next: element {@code i} is of channel {@code i /
   *     stride mod channels}
   */
  static SharedValues fit(
      float[] weights, int channels, int stride, WeightSharing sharing, long seed) {
    Codebook[] codebooks = new Codebook[channels];
    IntStream.range(0, channels)
        .parallel()
        .forEach(
            channel ->
                codebooks[channel] =
                    Codebook.fit(
                        slice(weights, channel, channels, stride),
                        sharing.entries(),
                        sharing.start(),
                        seed + channel));
    return new SharedValues(codebooks, stride);
  }

  private static float[] slice(float[] weights, int channel, int channels, int stride) {
    float[] slice = new float[weights.length / channels];
    int to = 0;
    for (int from = channel * stride; to < slice.length; from += channels * stride) {
      System.arraycopy(weights, from, slice, to, stride);
      to += stride;
    }
    return slice;
  }

  private int channel(int index) {
    return index / stride % codebooks.length;
  }

  /**
   * For each weight 0 if it is zero, else one more than the index of its channel's nearest value.
   */
  public short[] codes(float[] weights) {
    short[] codes = new short[weights.length];
    for (int channel = 0; channel < codebooks.length; channel++) {
      float[] slice = slice(weights, channel, codebooks.length, stride);
      short[] own = codebooks[channel].codes(slice);
      int from = 0;
      for (int to = channel * stride; from < own.length; to += codebooks.length * stride) {
        System.arraycopy(own, from, codes, to, stride);
        from += stride;
      }
    }
    return codes;
  }

  /** Puts the value of its code in the place of every weight. */
  public void apply(float[] weights, short[] codes) {
    float[][] values = new float[codebooks.length][];
    Arrays.setAll(values, channel -> codebooks[channel].values());
    for (int i = 0; i < weights.length; i++) {
      weights[i] = codes[i] == 0 ? 0 : values[channel(i)][codes[i] - 1];
    }
  }

  /** Gives elements that share a value the sum of theirs, and those that are zero nothing. */
  public void sum(float[] gradients, short[] codes) {
    double[][] totals = new double[codebooks.length][WeightSharing.MOST_ENTRIES];
    for (int i = 0; i < codes.length; i++) {
      totals[channel(i)][codes[i]] += gradients[i];
    }
    for (int i = 0; i < codes.length; i++) {
      gradients[i] = codes[i] == 0 ? 0 : (float) totals[channel(i)][codes[i]];
    }
  }
}
