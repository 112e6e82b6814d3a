package io.espalier.quantize;

import java.util.Locale;

/** What weights are made integers for, and how. */
public sealed interface Quantization {
  /** Which elements of a weight have a grid of their own. */
  enum Grain {
    /** All together. */
    TENSOR,
    /** Those of each output channel. */
    CHANNEL,
    /** So many neighbours in the order of storage. */
    BLOCK
  }

  /** How the range of an activation follows from what was observed. */
  enum Calibration {
    /** From the smallest number to the largest. */
    MINMAX,
    /** Without a share of the numbers at both ends. */
    PERCENTILE,
    /** The range whose grid keeps most of the distribution, by Kullback-Leibler divergence. */
    ENTROPY,
    /** The range with the least mean squared error. */
    MSE
  }

  /**
   * A smaller file: weights are stored as integers and decoded when the model is opened.
   *
   * @param bits 8 or 4
   * @param block elements of a {@link Grain#BLOCK}, of no meaning otherwise
   * @param symmetric whether the zero point is 0, in the middle of the range
   */
  record Size(int bits, Grain grain, int block, boolean symmetric) implements Quantization {
    public Size {
      if (bits != 8 && bits != 4) {
        throw new IllegalArgumentException("bits: expected 8 or 4, got " + bits);
      }
      if (block < 8) {
        throw new IllegalArgumentException("block: expected 8 elements or more, got " + block);
      }
    }

    @Override
    public String toString() {
      return "size:bits=%d,by=%s%s,symmetric=%s"
          .formatted(
              bits,
              grain.name().toLowerCase(Locale.ROOT),
              grain == Grain.BLOCK ? ",block=" + block : "",
              symmetric ? "yes" : "no");
    }
  }

  /**
   * Operators on integers, with ranges of activations that each run finds for itself.
   *
   * @param bits of weights, 8 or 7: without VNNI, x86 processors saturate sums of products of 8
   */
  record Dynamic(int bits) implements Quantization {
    public Dynamic {
      requireWeightBits(bits);
    }

    @Override
    public String toString() {
      return "speed:activations=dynamic,bits=" + bits;
    }
  }

  /**
   * Operators on integers, with ranges of activations that are observed beforehand.
   *
   * @param bits of weights, as of {@link Dynamic}
   * @param percentile per cent of the numbers inside the range of {@link Calibration#PERCENTILE}
   * @param samples how many samples at most are observed
   */
  record Static(int bits, Calibration calibration, double percentile, int samples)
      implements Quantization {
    public Static {
      requireWeightBits(bits);
      if (!(percentile > 50 && percentile <= 100)) {
        throw new IllegalArgumentException(
            "percentile: expected more than 50 and at most 100, got " + percentile);
      }
      if (samples < 1) {
        throw new IllegalArgumentException("samples: expected 1 or more, got " + samples);
      }
    }

    @Override
    public String toString() {
      String cut = calibration == Calibration.PERCENTILE ? ",percentile=" + percentile : "";
      return "speed:activations=static,bits=%d,calibration=%s%s,samples=%d"
          .formatted(bits, calibration.name().toLowerCase(Locale.ROOT), cut, samples);
    }
  }

  private static void requireWeightBits(int bits) {
    if (bits != 8 && bits != 7) {
      throw new IllegalArgumentException("bits: expected 8 or 7, got " + bits);
    }
  }

  /**
   * Reads {@code GOAL[:SETTING=VALUE,…]}; what is written by {@code toString} is read again.
   *
   * <p>{@code size} has {@code bits} (8), {@code by} (channel; tensor, block), {@code block} (32)
   * and {@code symmetric} (yes). {@code speed} has {@code activations} (static; dynamic), {@code
   * bits} (8) and, where they are static, {@code calibration} (mse; minmax, percentile, entropy),
   * {@code percentile} (99.99) and {@code samples} (256).
   *
   * @throws IllegalArgumentException if the text is not understood
   */
  static Quantization parse(String text) {
    return new QuantizationText(text).read();
  }
}
