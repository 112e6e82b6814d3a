package io.espalier.storage;

import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.UnsupportedOptionsException;

/** How hard xz tries. */
enum XzLevel {
  /** Preset 1. */
  FAST(1),
  /** Preset 6, with a dictionary of 8 MiB. */
  NORMAL(6),
  /** What {@code xz -9e} does: preset 9, the longest matches, the deepest search. */
  EXTREME(9);

  /** Above it, the dictionary of {@link #EXTREME} would take over 200 MiB of memory to fill. */
  private static final long EXTREME_UP_TO = 16L << 20;

  private static final long EXACT_UP_TO = 256L << 10;
  private static final int DEEPEST = 512;

  private final int preset;

  XzLevel(int preset) {
    this.preset = preset;
  }

  /** The level at which so many bytes are written. */
  static XzLevel toWrite(long size) {
    return size <= EXTREME_UP_TO ? EXTREME : NORMAL;
  }

  /** The level at which is found out what so many bytes come to. */
  static XzLevel toMeasure(long size) {
    return size <= EXACT_UP_TO ? toWrite(size) : FAST;
  }

  /** A larger dictionary than the input takes memory and time, and brings nothing. */
  LZMA2Options options(long size) throws UnsupportedOptionsException {
    LZMA2Options options = new LZMA2Options(preset);
    if (this == EXTREME) {
      options.setNiceLen(LZMA2Options.NICE_LEN_MAX);
      options.setDepthLimit(DEEPEST);
    }
    long needed = Math.max(LZMA2Options.DICT_SIZE_MIN, size);
    options.setDictSize((int) Math.min(options.getDictSize(), needed));
    return options;
  }

  @Override
  public String toString() {
    return preset + (this == EXTREME ? "e" : "");
  }
}
