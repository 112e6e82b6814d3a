package io.espalier.storage;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A weight as a matrix of blocks. Block {@code i} is the one at row {@code i / across}, column
 * {@code i mod across} of blocks.
 *
 * @param rows of the matrix, a multiple of {@code high}
 * @param columns of the matrix, a multiple of {@code wide}
 */
record Blocks(long rows, long columns, int high, int wide) {
  private static final int LARGEST_SIDE = 64;
  private static final int SAMPLES = 64;
  private static final long MOST_STEPS = 1 << 22;

  /** Bits for the position of a block, about. */
  private static final double POSITION_BITS = 4;

  /** Blocks in a row of them. */
  long across() {
    return columns / wide;
  }

  long count() {
    return rows / high * across();
  }

  int elements() {
    return high * wide;
  }

  /** The row-major index of a block's first element. */
  private long first(long block) {
    return block / across() * high * columns + block % across() * wide;
  }

  /** The row-major index of an element of a block. */
  long element(long block, int at) {
    return first(block) + at / wide * columns + at % wide;
  }

  /** The blocks in which some element is not zero. */
  BitSet occupied(Tensor tensor) {
    BitSet occupied = new BitSet(Math.toIntExact(count()));
    Cells.forEachNonzero(
        tensor,
        (index, bits) -> {
          long row = index / columns / high;
          occupied.set((int) (row * across() + index % columns / wide));
        });
    return occupied;
  }

  /**
   * What the elements that are not zero seem to come in, by a sample of them; absent if single
   * elements take fewer bytes.
   *
   * @param valueBits of an element that is laid down
   */
  static List<Blocks> likely(Survey survey, double valueBits) {
    Shape shape = survey.tensor().shape();
    List<Blocks> found = new ArrayList<>();
    for (int split : shape.rank() > 2 ? new int[] {1, shape.rank() - 1} : new int[] {1}) {
      long rows = shape.elements(0, split);
      long columns = shape.elements(split, shape.rank());
      new Search(survey.beginning(), survey.width(), rows, columns, valueBits)
          .best()
          .ifPresent(found::add);
    }
    return found;
  }

  /** Looks for the size of blocks that are full where a sample of elements lies. */
  private record Search(ByteBuffer tensor, int width, long rows, long columns, double valueBits) {

    Optional<Blocks> best() {
      long[] samples = samples();
      if (samples.length == 0) {
        return Optional.empty();
      }
      Blocks best = new Blocks(rows, columns, 1, 1);
      best = wider(best, samples);
      best = higher(best, samples);
      return best.elements() == 1 ? Optional.empty() : Optional.of(best);
    }

    private Blocks wider(Blocks before, long... samples) {
      Blocks best = before;
      for (int wide = 2; wide <= Math.min(LARGEST_SIDE, columns); wide++) {
        if (columns % wide == 0) {
          best = better(best, new Blocks(rows, columns, before.high, wide), samples);
        }
      }
      return best;
    }

    private Blocks higher(Blocks before, long... samples) {
      Blocks best = before;
      for (int high = 2; high <= Math.min(LARGEST_SIDE, rows); high++) {
        if (rows % high == 0) {
          best = better(best, new Blocks(rows, columns, high, before.wide), samples);
        }
      }
      return best;
    }

    private Blocks better(Blocks one, Blocks other, long... samples) {
      return bits(other, samples) < bits(one, samples) ? other : one;
    }

    /** What an element that is not zero takes. */
    private double bits(Blocks blocks, long... samples) {
      double bits = 0;
      for (long sample : samples) {
        long row = sample / columns / blocks.high;
        long block = row * blocks.across() + sample % columns / blocks.wide;
        int nonzero = 0;
        for (int i = 0; i < blocks.elements(); i++) {
          nonzero += isZero(blocks.element(block, i)) ? 0 : 1;
        }
        bits += (blocks.elements() * valueBits + POSITION_BITS) / nonzero;
      }
      return bits;
    }

    /** Elements that are not zero, each the first from a random position on. */
    private long[] samples() {
      long read = tensor.limit() / width / columns;
      long count = (read == rows ? rows : read - LARGEST_SIDE) * columns;
      if (count <= 0) {
        return new long[0];
      }
      Random random = new Random(rows * 31 + columns);
      long[] samples = new long[SAMPLES];
      int found = 0;
      long steps = 0;
      while (found < SAMPLES && steps < MOST_STEPS) {
        long at = random.nextLong(count);
        for (; isZero(at) && steps < MOST_STEPS; steps++) {
          at = (at + 1) % count;
        }
        samples[found] = at;
        found += isZero(at) ? 0 : 1;
      }
      return Arrays.copyOf(samples, found);
    }

    private boolean isZero(long index) {
      int at = (int) (index * width);
      for (int i = 0; i < width; i++) {
        if (tensor.get(at + i) != 0) {
          return false;
        }
      }
      return true;
    }
  }
}
