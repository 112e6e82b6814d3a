package io.espalier.quantize;

import io.espalier.graph.Floats;
import io.espalier.graph.Tensor;
import io.espalier.quantize.Quantization.Calibration;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What numbers an activation was: first their ends, then how many there were in each of 8192 bins
 * between those. Zeros are on every grid and in no bin: after a Relu, they would outweigh all
 * others.
 */
final class Histogram {
  private static final int BINS = 8192;
  private static final int PIECE = 1 << 15;

  /** Ranges that are tried are these shares of the whole one. */
  private static final int CANDIDATES = 64;

  private static final double NARROWEST = 0.1;

  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long[] counts;
  private long total;

  /** The ends of a range. */
  record Range(double min, double max) {
    Range union(Range other) {
      return new Range(Math.min(min, other.min), Math.max(max, other.max));
    }
  }

  private interface Visitor {
    void see(float x);
  }

  private static void visit(Tensor tensor, Visitor visitor) {
    long elements = tensor.shape().elements();
    ByteBuffer scratch = Floats.scratch((int) Math.min(PIECE, Math.max(elements, 1)));
    float[] piece = new float[(int) Math.min(PIECE, elements)];
    for (long done = 0; done < elements; done += piece.length) {
      int count = (int) Math.min(piece.length, elements - done);
      Floats.read(tensor, done, piece, 0, count, scratch);
      for (int i = 0; i < count; i++) {
        if (Float.isFinite(piece[i])) {
          visitor.see(piece[i]);
        }
      }
    }
  }

  void seeEnds(Tensor tensor) {
    visit(
        tensor,
        x -> {
          min = Math.min(min, x);
          max = Math.max(max, x);
        });
  }

  void count(Tensor tensor) {
    if (counts == null) {
      counts = new long[BINS];
    }
    double width = (max - min) / BINS;
    visit(
        tensor,
        x -> {
          total++;
          if (x != 0) {
            int bin = width > 0 ? (int) ((x - min) / width) : 0;
            counts[Math.max(0, Math.min(BINS - 1, bin))]++;
          }
        });
  }

  /** The range that a calibration chooses; 0 to 0 where nothing was seen. */
  Range range(Calibration calibration, double percentile, int codes) {
    if (min > max) {
      return new Range(0, 0);
    }
    return switch (calibration) {
      case MINMAX -> new Range(min, max);
      case PERCENTILE -> percentile((100 - percentile) / 200);
      case MSE -> best(range -> squaredError(range, codes));
      case ENTROPY -> best(range -> divergence(range, codes));
    };
  }

  private double middle(int bin) {
    return min + (max - min) * (bin + 0.5) / BINS;
  }

  private Range percentile(double share) {
    long cut = (long) (total * share);
    int low = 0;
    for (long below = counts[0]; below <= cut && low < BINS - 1; below += counts[low]) {
      low++;
    }
    int high = BINS - 1;
    for (long above = counts[high]; above <= cut && high > low; above += counts[high]) {
      high--;
    }
    double width = (max - min) / BINS;
    return new Range(min + low * width, min + (high + 1) * width);
  }

  private interface Loss {
    double of(Range range);
  }

  private Range best(Loss loss) {
    Range best = new Range(min, max);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < CANDIDATES; i++) {
      double share = 1 - (1 - NARROWEST) * i / (CANDIDATES - 1);
      Range range = new Range(min * share, max * share);
      double now = loss.of(range);
      if (now < least) {
        least = now;
        best = range;
      }
    }
    return best;
  }

  private double squaredError(Range range, int codes) {
    Grid grid = Grid.asymmetric(range.min(), range.max(), 0, codes - 1);
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      if (counts[bin] > 0) {
        double x = middle(bin);
        double error = x - grid.value(grid.code(x));
        sum += counts[bin] * error * error;
      }
    }
    return sum;
  }

  /**
   * How far the distribution inside the range, with what is cut off at its ends, is from what is
   * left of it on the grid: each code's share spread over the bins that it stands for. What that
   * comes to by chance alone, (bins − codes) / 2n, is taken off, or narrow ranges always win.
   */
  private double divergence(Range range, int codes) {
    Grid grid = Grid.asymmetric(range.min(), range.max(), 0, codes - 1);
    double[] reference = new double[BINS];
    double[] perCode = new double[codes];
    int[] binsPerCode = new int[codes];
    int[] code = new int[BINS];
    int first = Math.max(0, Math.min(BINS - 1, bin(range.min())));
    int last = Math.max(first, Math.min(BINS - 1, bin(range.max())));
    for (int bin = 0; bin < BINS; bin++) {
      reference[Math.max(first, Math.min(last, bin))] += counts[bin];
    }
    for (int bin = first; bin <= last; bin++) {
      code[bin] = grid.code(middle(bin));
      if (reference[bin] > 0) {
        perCode[code[bin]] += counts[bin];
        binsPerCode[code[bin]]++;
      }
    }
    double all = Math.max(1, Arrays.stream(counts).sum());
    double inside = 0;
    long excess = 0;
    for (int i = 0; i < codes; i++) {
      inside += perCode[i];
      excess += Math.max(0, binsPerCode[i] - 1);
    }
    double sum = 0;
    for (int bin = first; bin <= last; bin++) {
      if (reference[bin] > 0) {
        double p = reference[bin] / all;
        double q = perCode[code[bin]] / binsPerCode[code[bin]] / Math.max(inside, 1);
        sum += p * Math.log(p / Math.max(q, 1e-12));
      }
    }
    return sum - excess / (2 * all);
  }

  private int bin(double x) {
    return max > min ? (int) ((x - min) / (max - min) * BINS) : 0;
  }
}
