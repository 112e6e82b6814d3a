package io.espalier.keras;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.Arrays;
import java.util.Optional;

/** The shapes of a model's inputs. */
final class InputShapes {
  private InputShapes() {}

  /** The dimensions, batch first, -1 where any is taken. */
  static long[] of(LayerSpec input, NetworkSpec network, NetworkWeights weights) {
    Optional<Json> said = input.config().first("batch_shape", "batch_input_shape", "shape");
    if (said.isPresent()) {
      long[] dims = said.get().integers();
      return input.config().has("batch_shape") || input.config().has("batch_input_shape")
          ? dims
          : withBatch(dims);
    }
    return network.layers().stream()
        .filter(layer -> layer.calls().stream().anyMatch(call -> takes(call, input)))
        .findFirst()
        .flatMap(layer -> guessed(layer, weights))
        .orElseThrow(
            () ->
                new io.espalier.graph.MalformedModelException(
                    input.label()
                        + ": the file does not say the shape of the input; build the model with"
                        + " model.build(shape) and save it again"));
  }

  private static long[] withBatch(long[] dims) {
    long[] all = new long[dims.length + 1];
    all[0] = -1;
    System.arraycopy(dims, 0, all, 1, dims.length);
    return all;
  }

  private static boolean takes(Call call, LayerSpec input) {
    return call.refs().stream().anyMatch(ref -> ref.layer().equals(input.name()));
  }

  /** What the weights of the first layer tell. */
  private static Optional<long[]> guessed(LayerSpec layer, NetworkWeights weights) {
    Optional<Shape> kernel = weights.of(layer).next().map(Tensor::shape);
    long[] dims =
        switch (layer.className()) {
          case "Dense" -> new long[2];
          case "Embedding" -> new long[] {-1, -1};
          case "SimpleRNN", "LSTM", "GRU", "Conv1D" -> new long[3];
          case "Conv2D" -> new long[4];
          default -> null;
        };
    if (kernel.isEmpty()
        || dims == null
        || layer.config().text("data_format", "").equals("channels_first")) {
      return Optional.empty();
    }
    if (!layer.className().equals("Embedding")) {
      Arrays.fill(dims, -1);
      boolean conv = layer.className().startsWith("Conv");
      int rank = kernel.get().rank();
      dims[dims.length - 1] =
          kernel.get().dim(conv ? rank - 2 : 0) * layer.config().integer("groups", 1);
    }
    return Optional.of(dims);
  }
}
