package io.espalier.storage;

import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;

/** Compares tensors bit by bit, without holding more than a piece of them. */
final class SameBits {
  private static final int PIECE = 1 << 16;

  private SameBits() {}

  static boolean are(Tensor before, Tensor after) {
    if (before.dataType() != after.dataType() || !before.shape().equals(after.shape())) {
      return false;
    }
    ByteBuffer one = ByteBuffer.allocate(PIECE);
    ByteBuffer other = ByteBuffer.allocate(PIECE);
    for (long at = 0; at < before.byteSize(); at += PIECE) {
      int length = (int) Math.min(PIECE, before.byteSize() - at);
      before.read(at, one.clear().limit(length));
      after.read(at, other.clear().limit(length));
      if (!one.flip().equals(other.flip())) {
        return false;
      }
    }
    return true;
  }
}
