package io.espalier.keras;

import java.util.Arrays;

/** Where images have their channels: behind the batch, or behind rows and columns. */
public enum InputLayout {
  NCHW,
  NHWC;

  /** What a model's own layers say; Keras' usual layout where they say nothing. */
  static InputLayout of(NetworkSpec network) {
    boolean first =
        network.layers().stream()
            .anyMatch(
                layer ->
                    layer.config().isObject()
                            && layer.config().text("data_format", "").equals("channels_first")
                        || layer.network().map(InputLayout::of).filter(NCHW::equals).isPresent());
    return first ? NCHW : NHWC;
  }

  /** How an input lies in this layout that Keras has in the other; not images are as they are. */
  Layout of(int rank, InputLayout own) {
    if (this == own || rank < 4 || rank > 5) {
      return Layout.plain(rank);
    }
    if (this == NCHW) {
      return Layout.channelsSecond(rank);
    }
    int[] order = new int[rank];
    Arrays.setAll(order, axis -> axis == 0 ? 0 : axis + 1);
    order[rank - 1] = 1;
    return Layout.ordered(order);
  }
}
