package io.espalier.runtime;

import java.util.Arrays;

/**
 * Times of single runs of one session.
 *
 * @param p50Ms median, in milliseconds
 * @param p95Ms 95th percentile, in milliseconds
 * @param runs that were timed
 */
public record Timing(double p50Ms, double p95Ms, int runs) {
  static Timing of(long[] nanos, int runs) {
    long[] sorted = Arrays.copyOf(nanos, runs);
    Arrays.sort(sorted);
    return new Timing(percentile(sorted, 50), percentile(sorted, 95), runs);
  }

  /** The smallest time that at least {@code percent} of the runs stay within. */
  private static double percentile(long[] sorted, int percent) {
    int rank = Math.max(1, (sorted.length * percent + 99) / 100);
    return sorted[rank - 1] / 1e6;
  }
}
