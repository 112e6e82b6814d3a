package io.espalier.prune;

/**
 * Random keys that depend on seed, tensor name and position alone: the finalizer of SplitMix64 over
 * a counter.
 */
record RandomKeys(long start) implements ElementKeys {
  private static final long STEP = 0x9e3779b97f4a7c15L;

  static RandomKeys of(long seed, String tensor) {
    long state = mix(seed + STEP);
    for (int i = 0; i < tensor.length(); i++) {
      state = mix(state + STEP * (tensor.charAt(i) + 1));
    }
    return new RandomKeys(state);
  }

  @Override
  public void ints(long from, int count, int[] into) {
    for (int i = 0; i < count; i++) {
      into[i] = (int) (mix(start + STEP * (from + i)) >>> 33);
    }
  }

  @Override
  public void longs(long from, int count, long[] into, int offset) {
    for (int i = 0; i < count; i++) {
      into[offset + i] = mix(start + STEP * (from + i)) >>> 1;
    }
  }

  private static long mix(long state) {
    long bits = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
    bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
    return bits ^ bits >>> 31;
  }
}
