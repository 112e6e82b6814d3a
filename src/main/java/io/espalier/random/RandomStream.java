package io.espalier.random;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Random numbers that are a function of seed, stream, step and position, {@link Philox} with the
 * seed as key and the others as counter. There is no state, so numbers of any step can be drawn
 * again, in any order and on any thread.
 *
 * @param seed of the run
 * @param stream what the numbers are for: every use has a number of its own, see {@link #named}
 */
public record RandomStream(long seed, int stream) {
  private static final float FLOAT_UNIT = 0x1p-24f;
  private static final double DOUBLE_UNIT = 0x1p-53;

  /**
   * The stream for a use with a name, such as a dropout node or a weight. Its number is the FNV-1a
   * hash of the name.
   */
  public static RandomStream named(long seed, String name) {
    int hash = 0x811c9dc5;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i) & 0xff) * 0x01000193;
      hash = (hash ^ name.charAt(i) >>> 8) * 0x01000193;
    }
    return new RandomStream(seed, hash);
  }

  private void block(long step, int index, int[] into) {
    into[0] = index;
    into[1] = stream;
    into[2] = (int) step;
    into[3] = (int) (step >>> 32);
    Philox.scramble(into, (int) seed, (int) (seed >>> 32));
  }

  /** Fills {@code into} with numbers uniform in [0, 1), multiples of 2⁻²⁴. */
  public void uniform(long step, float[] into) {
    int[] block = new int[4];
    for (int i = 0; i < into.length; i++) {
      if ((i & 3) == 0) {
        block(step, i >>> 2, block);
      }
      into[i] = (block[i & 3] >>> 8) * FLOAT_UNIT;
    }
  }

  /**
   * Fills {@code into} with numbers from the standard normal distribution: Box and Muller's pairs
   * {@code √(−2 ln u) (cos 2πv, sin 2πv)} with u in (0, 1], in {@link StrictMath} and so the same
   * on every machine.
   */
  public void normal(long step, float[] into) {
    int[] block = new int[4];
    for (int i = 0; i < into.length; i += 2) {
      block(step, i >>> 1, block);
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(block, 0)));
      double angle = 2 * Math.PI * unit(block, 2);
      into[i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < into.length) {
        into[i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }

  private static double unit(int[] block, int at) {
    long bits = (long) block[at] << 32 | block[at + 1] & 0xffffffffL;
    return (bits >>> 11) * DOUBLE_UNIT;
  }

  /**
   * Fills {@code into}, whatever its position, with a mask for inverted dropout: 0 with probability
   * {@code rate}, else 1 / (1 − rate).
   *
   * @param rate the probability to drop, in [0, 1)
   */
  public void dropout(long step, double rate, FloatBuffer into) {
    long threshold = threshold(rate);
    float kept = (float) (1 / (1 - rate));
    int[] block = new int[4];
    for (int i = 0; i < into.capacity(); i++) {
      if ((i & 3) == 0) {
        block(step, i >>> 2, block);
      }
      into.put(i, (block[i & 3] & 0xffffffffL) < threshold ? 0 : kept);
    }
  }

  /** The same draws as booleans, a byte each: 1 where kept. */
  public void kept(long step, double rate, ByteBuffer into) {
    long threshold = threshold(rate);
    int[] block = new int[4];
    for (int i = 0; i < into.capacity(); i++) {
      if ((i & 3) == 0) {
        block(step, i >>> 2, block);
      }
      into.put(i, (byte) ((block[i & 3] & 0xffffffffL) < threshold ? 0 : 1));
    }
  }

  private static long threshold(double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("rate: expected 0 up to but not 1, got " + rate);
    }
    return Math.round(rate * 0x1p32);
  }

  /** The numbers 0 to {@code size − 1} in random order, all orders equally likely. */
  public int[] permutation(long step, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    shuffle(step, order);
    return order;
  }

  /** Brings {@code order} into random order (Fisher and Yates). */
  public void shuffle(long step, int[] order) {
    int[] block = new int[4];
    for (int i = order.length - 1; i > 0; i--) {
      int other = below(step, i, i + 1, block);
      int swapped = order[i];
      order[i] = order[other];
      order[other] = swapped;
    }
  }

  /**
   * A number from 0 to {@code bound − 1} from 63 bits of one block; their excess over a multiple of
   * the bound is below 2⁻³² and not worth a loop.
   */
  private int below(long step, int index, int bound, int[] block) {
    block(step, index, block);
    long bits = (long) block[0] << 32 | block[1] & 0xffffffffL;
    return (int) Math.multiplyHigh(bits >>> 1, (long) bound << 1);
  }
}
