package io.espalier.storage;

import java.util.Arrays;

/** How often which distance lies between neighbours. */
final class Gaps {
  private static final int COUNTED = 1 << 12;

  private final long[] counts = new long[COUNTED];
  private long[] large = new long[16];
  private int largeCount;
  private int longestCounted;

  void add(long gap) {
    if (gap < COUNTED) {
      counts[(int) gap]++;
      longestCounted = Math.max(longestCounted, (int) gap);
      return;
    }
    if (largeCount == large.length) {
      large = Arrays.copyOf(large, 2 * largeCount);
    }
    large[largeCount++] = gap;
  }

  /**
   * Entries with the value zero that have to stand between the others so that no distance is above
   * {@code longest}.
   */
  long fillers(int longest) {
    long fillers = 0;
    for (int gap = longest + 1; gap <= longestCounted; gap++) {
      fillers += counts[gap] * ((gap - 1) / longest);
    }
    for (int i = 0; i < largeCount; i++) {
      fillers += (large[i] - 1) / longest;
    }
    return fillers;
  }
}
