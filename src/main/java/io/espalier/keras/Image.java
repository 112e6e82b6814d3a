package io.espalier.keras;

import io.espalier.graph.Value;
import java.util.Arrays;

/**
 * A tensor as ONNX wants images: batch, channels, then the axes of space.
 *
 * @param channelsFirst whether Keras has the channels there too
 */
record Image(Value value, long batch, long channels, long[] space, boolean channelsFirst) {
  /** The layer's input as an image of so many axes of space. */
  static Image of(LayerContext layer, KerasTensor input, int axes) {
    KerasTensor x = layer.floating(layer.requireRank(input, axes + 2));
    int rank = x.rank();
    if (layer.channelsFirst()) {
      long[] space = Arrays.copyOfRange(x.dims(), 2, rank);
      return new Image(layer.plain(x), x.dim(0), x.dim(1), space, true);
    }
    Value value = layer.arranged(x, Layout.channelsSecond(rank));
    long[] space = Arrays.copyOfRange(x.dims(), 1, rank - 1);
    return new Image(value, x.dim(0), x.lastDim(), space, false);
  }

  /** Keras' tensor of a result that lies like the image. */
  KerasTensor result(LayerContext layer, Value result, long newChannels, long[] newSpace) {
    int rank = newSpace.length + 2;
    long[] dims = new long[rank];
    dims[0] = batch;
    dims[channelsFirst ? 1 : rank - 1] = newChannels;
    System.arraycopy(newSpace, 0, dims, channelsFirst ? 2 : 1, newSpace.length);
    Layout layout = channelsFirst ? Layout.plain(rank) : Layout.channelsSecond(rank);
    return new KerasTensor(result, layer.type(), dims, layout, null);
  }
}
