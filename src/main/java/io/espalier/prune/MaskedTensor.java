package io.espalier.prune;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor whose elements are another's where a mask keeps them, and zero where not. */
public final class MaskedTensor implements Tensor {
  private final Tensor source;
  private final Mask mask;
  private final int width;

  /**
   * The tensor {@code source} under {@code mask}; nothing is read yet.
   *
   * @throws IllegalArgumentException if they differ in size, or elements are not whole bytes
   */
  public MaskedTensor(Tensor source, Mask mask) {
    int bits = source.dataType().bits();
    if (mask.size() != source.shape().elements() || bits == 0 || bits % 8 != 0) {
      throw new IllegalArgumentException(
          "a mask of %d elements on a %s tensor of shape %s"
              .formatted(mask.size(), source.dataType(), source.shape()));
    }
    this.source = source;
    this.mask = mask;
    this.width = bits / 8;
  }

  public Mask mask() {
    return mask;
  }

  @Override
  public DataType dataType() {
    return source.dataType();
  }

  @Override
  public Shape shape() {
    return source.shape();
  }

  @Override
  public void read(long position, ByteBuffer into) {
    int start = into.position();
    int length = into.remaining();
    source.read(position, into);
    ByteBuffer bytes = into.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long firstWord = position / width >>> 6;
    long lastWord = length == 0 ? firstWord - 1 : (position + length - 1) / width >>> 6;
    for (long word = firstWord; word <= lastWord; word++) {
      long pruned = ~mask.word((int) word);
      if (pruned != 0) {
        long offset = (word << 6) * width - position;
        zero(bytes, start, length, offset, pruned);
      }
    }
  }

  /**
   * Zeroes the elements of one mask word, which begin {@code offset} bytes after {@code start};
   * what lies outside the {@code length} bytes from there is not touched.
   */
  private void zero(ByteBuffer bytes, int start, int length, long offset, long pruned) {
    boolean inside = offset >= 0 && offset + 64L * width <= length;
    if (!inside) {
      zeroBytes(bytes, start, length, offset, pruned);
      return;
    }
    int at = start + (int) offset;
    switch (width) {
      case 2 -> zeroShorts(bytes, at, pruned);
      case 4 -> zeroInts(bytes, at, pruned);
      case 8 -> zeroLongs(bytes, at, pruned);
      default -> zeroBytes(bytes, start, length, offset, pruned);
    }
  }

  private static void zeroShorts(ByteBuffer bytes, int at, long pruned) {
    for (long left = pruned; left != 0; left &= left - 1) {
      bytes.putShort(at + 2 * Long.numberOfTrailingZeros(left), (short) 0);
    }
  }

  private static void zeroInts(ByteBuffer bytes, int at, long pruned) {
    for (long left = pruned; left != 0; left &= left - 1) {
      bytes.putInt(at + 4 * Long.numberOfTrailingZeros(left), 0);
    }
  }

  private static void zeroLongs(ByteBuffer bytes, int at, long pruned) {
    for (long left = pruned; left != 0; left &= left - 1) {
      bytes.putLong(at + 8 * Long.numberOfTrailingZeros(left), 0);
    }
  }

  private void zeroBytes(ByteBuffer bytes, int start, int length, long offset, long pruned) {
    for (long left = pruned; left != 0; left &= left - 1) {
      long element = offset + (long) width * Long.numberOfTrailingZeros(left);
      long to = Math.min(element + width, length);
      for (long at = Math.max(element, 0); at < to; at++) {
        bytes.put(start + (int) at, (byte) 0);
      }
    }
  }
}
