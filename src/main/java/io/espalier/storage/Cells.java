package io.espalier.storage;

import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Goes through the elements of a tensor in order, as bits, without holding more than a piece. */
final class Cells {
  private static final int PIECE = 1 << 18;
  private static final int SAMPLE = 16 << 20;

  private Cells() {}

  /** Takes an element that is not zero in all its bits. */
  interface Sink {
    void accept(long index, long bits);
  }

  /** Hands over the elements of which some bit is set, in row-major order. */
  static void forEachNonzero(Tensor tensor, Sink sink) {
    int width = tensor.dataType().bits() / 8;
    long size = tensor.byteSize();
    ByteBuffer piece =
        ByteBuffer.allocate((int) Math.min(PIECE, size)).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < size; at += piece.capacity()) {
      piece.clear().limit((int) Math.min(piece.capacity(), size - at));
      tensor.read(at, piece);
      piece.flip();
      scan(piece, at / width, width, sink);
    }
  }

  private static void scan(ByteBuffer piece, long first, int width, Sink sink) {
    int count = piece.limit() / width;
    switch (width) {
      case 1 -> {
        for (int i = 0; i < count; i++) {
          offer(sink, first + i, piece.get(i));
        }
      }
      case 2 -> {
        for (int i = 0; i < count; i++) {
          offer(sink, first + i, piece.getShort(2 * i));
        }
      }
      case 4 -> {
        for (int i = 0; i < count; i++) {
          offer(sink, first + i, piece.getInt(4 * i));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          offer(sink, first + i, piece.getLong(8 * i));
        }
      }
    }
  }

  private static void offer(Sink sink, long index, long bits) {
    if (bits != 0) {
      sink.accept(index, bits);
    }
  }

  /** The first elements of a tensor, at most 16 MiB of them: a sample that is read in one go. */
  static ByteBuffer beginning(Tensor tensor) {
    int width = tensor.dataType().bits() / 8;
    int size = (int) Math.min(SAMPLE / width * width, tensor.byteSize());
    ByteBuffer elements = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    tensor.read(0, elements);
    return elements.flip();
  }

  /** The bits of the element at an index of a little-endian buffer. */
  static long get(ByteBuffer elements, int width, int index) {
    return switch (width) {
      case 1 -> elements.get(index);
      case 2 -> elements.getShort(2 * index);
      case 4 -> elements.getInt(4 * index);
      default -> elements.getLong(8 * index);
    };
  }

  /** Appends the lowest bytes of {@code bits}. */
  static void put(ByteBuffer buffer, int width, long bits) {
    switch (width) {
      case 1 -> buffer.put((byte) bits);
      case 2 -> buffer.putShort((short) bits);
      case 4 -> buffer.putInt((int) bits);
      default -> buffer.putLong(bits);
    }
  }
}
