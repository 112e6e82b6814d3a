package io.espalier.pipeline;

import io.espalier.prune.Granularity;
import io.espalier.prune.Granularity.Pooling;
import java.util.Optional;

/** Granularities as users write them: {@code element}, {@code 4x1}, {@code 2:4}. */
final class GranularityText {
  private static final String EXPECTED = "element, ROWSxCOLUMNS such as 4x1, or N:M such as 2:4";

  private GranularityText() {}

  /**
   * Reads {@code --granularity}.
   *
   * @param pooling what {@code --block-pooling} says, which is for blocks only
   */
  static Granularity parse(String text, Optional<Pooling> pooling) {
    Granularity granularity = parse(text, pooling.orElse(Pooling.AVERAGE));
    if (pooling.isPresent() && !(granularity instanceof Granularity.Block)) {
      throw new UsageException("--block-pooling: only blocks, --granularity RxC, are pooled");
    }
    return granularity;
  }

  private static Granularity parse(String text, Pooling pooling) {
    if (text.equals("element")) {
      return Granularity.element();
    }
    int cross = text.indexOf('x');
    int colon = text.indexOf(':');
    if (cross > 0) {
      int rows = size(text, text.substring(0, cross));
      return new Granularity.Block(rows, size(text, text.substring(cross + 1)), pooling);
    }
    if (colon < 1) {
      throw wrong(text);
    }
    int kept = size(text, text.substring(0, colon));
    int of = size(text, text.substring(colon + 1));
    if (kept > of) {
      throw new UsageException(
          "--granularity " + text + ": cannot keep " + kept + " of every " + of);
    }
    return new Granularity.NofM(kept, of);
  }

  private static int size(String text, String part) {
    try {
      int size = Integer.parseInt(part);
      if (size > 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(text);
  }

  private static UsageException wrong(String text) {
    return new UsageException("--granularity: expected " + EXPECTED + ", got '" + text + "'");
  }
}
