package io.espalier.pipeline;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntToDoubleFunction;

/**
 * In what two tensors differ. Read in pieces, so that they may be larger than the memory.
 *
 * @param same whether type, shape and every byte are the same
 * @param comparable whether that can be said: elements such as strings cannot be read
 * @param maxAbsDiff of two elements, infinite where one alone is NaN; null unless type and shape
 *     are the same and elements are numbers
 */
record TensorDifference(boolean same, boolean comparable, Double maxAbsDiff) {
  private static final int PIECE = 1 << 20;

  static TensorDifference of(Tensor a, Tensor b) {
    if (a.dataType() != b.dataType() || !a.shape().equals(b.shape())) {
      return new TensorDifference(false, true, null);
    }
    if (!a.isReadable() || !b.isReadable()) {
      return new TensorDifference(a == b, false, null);
    }
    boolean same = true;
    double largest = 0;
    long size = a.byteSize();
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, size));
    ByteBuffer other = ByteBuffer.allocate(piece.capacity());
    for (long done = 0; done < size; done += piece.limit()) {
      int next = (int) Math.min(piece.capacity(), size - done);
      a.read(done, piece.clear().limit(next));
      b.read(done, other.clear().limit(next));
      if (!piece.flip().equals(other.flip())) {
        same = false;
        largest = Math.max(largest, largest(a.dataType(), piece, other));
      }
    }
    return new TensorDifference(same, true, Elements.isNumber(a.dataType()) ? largest : null);
  }

  private static double largest(DataType type, ByteBuffer a, ByteBuffer b) {
    if (!Elements.isNumber(type)) {
      return 0;
    }
    int count = a.limit() / (type.bits() / 8);
    IntToDoubleFunction before = elements(type, count, a);
    IntToDoubleFunction after = elements(type, count, b);
    double largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, difference(before.applyAsDouble(i), after.applyAsDouble(i)));
    }
    return largest;
  }

  private static IntToDoubleFunction elements(DataType type, int count, ByteBuffer bytes) {
    ByteBuffer ordered = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    return Elements.of(new ArrayTensor(type, Shape.of(count), ordered)).orElseThrow();
  }

  private static double difference(double a, double b) {
    if (a == b || Double.isNaN(a) && Double.isNaN(b)) {
      return 0;
    }
    return Double.isNaN(a) || Double.isNaN(b) ? Double.POSITIVE_INFINITY : Math.abs(a - b);
  }
}
