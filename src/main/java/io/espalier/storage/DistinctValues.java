package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/** The values that elements have, by their bits, as long as they are few. */
final class DistinctValues {
  /** More do not fit a code of 8 bits. */
  static final int MOST = 256;

  private static final int SLOTS = 4 * MOST;

  private final long[] keys = new long[SLOTS];
  private final long[] counts = new long[SLOTS];
  private int size;

  /** Counts an element; {@code bits} is not 0. */
  void add(long bits) {
    if (size > MOST) {
      return;
    }
    int slot = slot(bits);
    if (counts[slot]++ == 0) {
      keys[slot] = bits;
      size++;
    }
  }

  private int slot(long bits) {
    int slot = (int) ((bits * 0x9E3779B97F4A7C15L) >>> 54);
    while (counts[slot] != 0 && keys[slot] != bits) {
      slot = slot + 1 & SLOTS - 1;
    }
    return slot;
  }

  /** The values in ascending order; absent if there are more than {@link #MOST}. */
  Optional<long[]> values(DataType type) {
    if (size > MOST) {
      return Optional.empty();
    }
    return Optional.of(
        used()
            .mapToObj(slot -> keys[slot])
            .sorted(
                Comparator.<Long>comparingDouble(bits -> number(type, bits)).thenComparing(b -> b))
            .mapToLong(Long::longValue)
            .toArray());
  }

  /** How often each value occurs, in no order; absent as above. */
  Optional<long[]> counts() {
    return size > MOST
        ? Optional.empty()
        : Optional.of(used().mapToLong(slot -> counts[slot]).toArray());
  }

  private IntStream used() {
    return IntStream.range(0, SLOTS).filter(slot -> counts[slot] != 0);
  }

  private static double number(DataType type, long bits) {
    return switch (type) {
      case FLOAT -> Float.intBitsToFloat((int) bits);
      case DOUBLE -> Double.longBitsToDouble(bits);
      case FLOAT16 -> Floats.fromFloat16((short) bits);
      case BFLOAT16 -> Float.intBitsToFloat((int) bits << 16);
      default -> bits;
    };
  }
}
