package io.espalier.pass;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Puts tensors together along an axis, and takes them apart. */
final class Batches {
  private Batches() {}

  /** Tensors of one type and shape, behind each other along {@code axis}. */
  static Tensor joined(List<Tensor> parts, int axis) {
    Tensor first = parts.get(0);
    long[] dims = first.shape().dims();
    int piece = Math.toIntExact(pieceBytes(first, axis));
    dims[axis] *= parts.size();
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(first.byteSize() * parts.size()));
    for (int at = 0; at < first.byteSize(); at += piece) {
      for (Tensor part : parts) {
        ByteBuffer bytes = part.bytes();
        all.put(bytes.slice(at, piece));
      }
    }
    return new ArrayTensor(first.dataType(), Shape.of(dims), all.flip());
  }

  private static long pieceBytes(Tensor tensor, int axis) {
    Shape shape = tensor.shape();
    return tensor.dataType().byteSize(shape.elements(axis, shape.rank()));
  }

  /** The {@code index}th of {@code count} equal parts along {@code axis}. */
  static Tensor part(Tensor whole, int axis, int index, int count) {
    long[] dims = whole.shape().dims();
    int outer = Math.toIntExact(whole.shape().elements(0, axis));
    dims[axis] /= count;
    int piece = Math.toIntExact(pieceBytes(whole, axis) / count);
    ByteBuffer one = ByteBuffer.allocate(Math.multiplyExact(outer, piece));
    ByteBuffer bytes = whole.bytes();
    for (int i = 0; i < outer; i++) {
      one.put(bytes.slice((i * count + index) * piece, piece));
    }
    return new ArrayTensor(whole.dataType(), Shape.of(dims), one.flip());
  }

  /** The largest difference, relative to the largest element where that exceeds 1. */
  static double difference(Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape()) || a.dataType() != b.dataType()) {
      return Double.POSITIVE_INFINITY;
    }
    if (a.bytes().equals(b.bytes())) {
      return 0;
    }
    IntToDoubleFunction x = Elements.of(a).orElse(null);
    IntToDoubleFunction y = Elements.of(b).orElse(null);
    if (x == null) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 1;
    double difference = 0;
    for (int i = 0; i < a.shape().elements(); i++) {
      double one = x.applyAsDouble(i);
      double other = y.applyAsDouble(i);
      if (one == other || Double.isNaN(one) && Double.isNaN(other)) {
        continue;
      }
      double gap = Math.abs(one - other);
      difference = Math.max(difference, Double.isNaN(gap) ? Double.POSITIVE_INFINITY : gap);
      largest = Math.max(largest, Math.abs(one));
    }
    return difference / largest;
  }
}
