package io.espalier.keras;

import io.espalier.graph.Tensor;
import java.util.Arrays;

/** Kernels as Keras 1, and Theano below Keras, stored them. */
final class KerasOneKernels {
  private KerasOneKernels() {}

  /**
   * Whether the kernel is stored for a convolution in the mathematical sense, which turns it
   * around: Theano's, where the others correlate. Keras says so in files from 1.2.1 on; of older
   * ones, the Theano order of axes tells it.
   */
  static boolean isFlipped(LayerContext layer) {
    Dialect dialect = layer.dialect();
    return dialect.backend().equals("theano")
        || dialect.major() == 1 && dialect.backend().isEmpty() && layer.channelsFirst();
  }

  /** [filters, channels, window] as [window, channels, filters]. */
  static Tensor channelsFirst(LayerContext layer, long[] dims) {
    int rank = dims.length;
    long[] stored = new long[rank];
    int[] order = new int[rank];
    stored[0] = dims[rank - 1];
    stored[1] = dims[rank - 2];
    order[rank - 1] = 0;
    order[rank - 2] = 1;
    for (int i = 2; i < rank; i++) {
      stored[i] = dims[i - 2];
      order[i - 2] = i;
    }
    return Tensors.permute(layer.tensor("kernel", stored), order);
  }

  /** [window, 1, channels, filters], or of the oldest [filters, channels, window, 1]. */
  static Tensor ofOneAxis(LayerContext layer, long[] dims) {
    Tensor stored = layer.tensor("kernel", -1, -1, -1, -1);
    if (Arrays.equals(stored.shape().dims(), new long[] {dims[0], 1, dims[1], dims[2]})) {
      return Tensors.reshape(stored, dims);
    }
    if (Arrays.equals(stored.shape().dims(), new long[] {dims[2], dims[1], dims[0], 1})) {
      return Tensors.reshape(Tensors.permute(stored, 2, 3, 1, 0), dims);
    }
    throw layer.malformed(
        "expected a kernel of shape [%d, 1, %d, %d], got %s"
            .formatted(dims[0], dims[1], dims[2], stored.shape()));
  }
}
