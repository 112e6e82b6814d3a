package io.espalier.data;

import io.espalier.graph.DataType;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;

/** Checks sizes that a file claims before anything of that size is allocated. */
final class Sizes {
  /** Deflate makes at most 1032 bytes of one. */
  private static final long DEFLATE_RATIO = 1032;

  private Sizes() {}

  /** A shape that a file claims. */
  static Shape shape(String where, long... dims) {
    try {
      return Shape.of(dims);
    } catch (MalformedModelException e) {
      throw new MalformedModelException(where + ": " + e.getMessage(), e);
    }
  }

  /** The bytes that an array of that type and shape has. */
  static long bytes(String where, DataType type, Shape shape) {
    try {
      return type.byteSize(shape.elements());
    } catch (ArithmeticException e) {
      throw new MalformedModelException(where + ": shape " + shape + " is too large", e);
    }
  }

  /** For data that end too early or too late. */
  static MalformedModelException wrongLength(String where, DataType type, Shape shape, int found) {
    long wanted = type.byteSize(shape.elements());
    return new MalformedModelException(
        "%s: expected %d bytes of data (%s, %s), got %s"
            .formatted(where, wanted, type, shape, found < wanted ? found : "more"));
  }

  /** The most bytes that {@code compressed} bytes of deflate or gzip can expand to. */
  static long inflated(long compressed) {
    return compressed < Long.MAX_VALUE / DEFLATE_RATIO ? compressed * DEFLATE_RATIO : compressed;
  }

  /**
   * Checks that {@code wanted} bytes are there and fit the heap.
   *
   * @param available the most bytes that the source can give
   */
  static void check(String where, long wanted, long available) {
    if (wanted > available) {
      throw new MalformedModelException(
          "%s: the header announces %d bytes of data, the file has room for %d at most"
              .formatted(where, wanted, available));
    }
    long most = Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 2);
    if (wanted > most) {
      throw new ModelException(
          "%s: %d bytes of data, at most %d can be held; use fewer samples%s"
              .formatted(
                  where,
                  wanted,
                  most,
                  most < Integer.MAX_VALUE - 8 ? " or a larger heap (java -Xmx)" : ""));
    }
  }
}
