package io.espalier.graph;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Compares tensors bit by bit, without holding more than a piece of them. */
public final class TensorBits {
  private static final int PIECE = 1 << 16;

  private TensorBits() {}

  /** Whether element type, shape and all elements are the same. */
  public static boolean same(Tensor one, Tensor other) {
    return one.dataType() == other.dataType()
        && one.shape().equals(other.shape())
        && sameBytes(one, other);
  }

  /** Whether the bytes of all elements are the same, whatever their type and shape. */
  public static boolean sameBytes(Tensor one, Tensor other) {
    long size = one.byteSize();
    if (size != other.byteSize()) {
      return false;
    }
    ByteBuffer left = piece(one);
    ByteBuffer right = piece(other);
    for (long at = 0; at < size; at += PIECE) {
      int length = (int) Math.min(PIECE, size - at);
      one.read(at, left.clear().limit(length));
      other.read(at, right.clear().limit(length));
      if (!left.flip().equals(right.flip())) {
        return false;
      }
    }
    return true;
  }

  /** A checksum (CRC-32C) of the bytes of all elements. */
  public static long checksum(Tensor tensor) {
    CRC32C sum = new CRC32C();
    ByteBuffer piece = piece(tensor);
    for (long at = 0; at < tensor.byteSize(); at += PIECE) {
      tensor.read(at, piece.clear().limit((int) Math.min(PIECE, tensor.byteSize() - at)));
      sum.update(piece.flip());
    }
    return sum.getValue();
  }

  private static ByteBuffer piece(Tensor tensor) {
    return ByteBuffer.allocate((int) Math.min(PIECE, tensor.byteSize()));
  }
}
