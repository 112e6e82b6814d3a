package io.espalier.keras;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Weights in other arrangements. All are of element types of 8 bits or more. */
final class Tensors {
  private Tensors() {}

  /** The same elements in another shape. */
  static Tensor reshape(Tensor tensor, long... dims) {
    return new ArrayTensor(tensor.dataType(), Shape.of(dims), tensor.bytes());
  }

  /** Axis i of the result is axis {@code axes[i]} of the tensor. */
  static Tensor permute(Tensor tensor, int... axes) {
    int rank = axes.length;
    long[] dims = new long[rank];
    int[] strides = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = tensor.shape().dim(axes[i]);
      strides[i] = Math.toIntExact(tensor.shape().elements(axes[i] + 1, tensor.shape().rank()));
    }
    return gather(tensor, dims, strides, 0);
  }

  /** The tensor with the elements along some axes in reverse. */
  static Tensor flip(Tensor tensor, int... axes) {
    int rank = tensor.shape().rank();
    int[] strides = new int[rank];
    int start = 0;
    for (int i = 0; i < rank; i++) {
      strides[i] = Math.toIntExact(tensor.shape().elements(i + 1, rank));
    }
    for (int axis : axes) {
      start += strides[axis] * Math.toIntExact(tensor.shape().dim(axis) - 1);
      strides[axis] = -strides[axis];
    }
    return gather(tensor, tensor.shape().dims(), strides, start);
  }

  /** The part from {@code from} (inclusive) to {@code to} (exclusive) along an axis. */
  static Tensor slice(Tensor tensor, int axis, long from, long to) {
    int rank = tensor.shape().rank();
    int[] strides = new int[rank];
    long[] dims = tensor.shape().dims();
    for (int i = 0; i < rank; i++) {
      strides[i] = Math.toIntExact(tensor.shape().elements(i + 1, rank));
    }
    dims[axis] = to - from;
    return gather(tensor, dims, strides, Math.toIntExact(from * strides[axis]));
  }

  /** Tensors of one type side by side along an axis. */
  static Tensor concat(int axis, Tensor... parts) {
    long[] dims = parts[0].shape().dims();
    dims[axis] = Arrays.stream(parts).mapToLong(part -> part.shape().dim(axis)).sum();
    Shape shape = Shape.of(dims);
    ByteBuffer out = allocate(parts[0].dataType().byteSize(shape.elements()));
    long outer = shape.elements(0, axis);
    for (long i = 0; i < outer; i++) {
      for (Tensor part : parts) {
        int size = Math.toIntExact(part.byteSize() / Math.max(outer, 1));
        out.put(part.bytes().slice(Math.toIntExact(i * size), size));
      }
    }
    return new ArrayTensor(parts[0].dataType(), shape, out.flip());
  }

  private static Tensor gather(Tensor tensor, long[] dims, int[] strides, int start) {
    Shape shape = Shape.of(dims);
    int width = tensor.dataType().bits() / 8;
    ByteBuffer out = allocate(tensor.byteSize() == 0 ? 0 : shape.elements() * width);
    ByteBuffer in = tensor.bytes();
    int rank = dims.length;
    if (rank == 0) {
      return tensor;
    }
    int last = rank - 1;
    long[] index = new long[rank];
    int from = start;
    while (out.hasRemaining()) {
      row(in, out, from, strides[last], (int) dims[last], width);
      int axis = last - 1;
      while (axis >= 0) {
        from += strides[axis];
        if (++index[axis] < dims[axis]) {
          break;
        }
        from -= strides[axis] * (int) dims[axis];
        index[axis--] = 0;
      }
    }
    return new ArrayTensor(tensor.dataType(), shape, out.flip());
  }

  private static void row(
      ByteBuffer in, ByteBuffer out, int from, int stride, int count, int width) {
    for (int i = 0, at = from; i < count; i++, at += stride) {
      switch (width) {
        case 1 -> out.put(in.get(at));
        case 2 -> out.putShort(in.getShort(2 * at));
        case 4 -> out.putInt(in.getInt(4 * at));
        default -> out.putLong(in.getLong(8 * at));
      }
    }
  }

  private static ByteBuffer allocate(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
