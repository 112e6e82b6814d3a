package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.Arrays;

/**
 * The weights of a recurrent layer as ONNX wants them: [1, gates · units, features] with gates in
 * the order of the operator, and one row of biases, of the inputs and then of the states.
 */
record RecurrentWeights(Tensor kernel, Tensor recurrent, Tensor bias) {
  /** Where Keras' gates i, f, c, o of an LSTM come in ONNX' order i, o, f, c. */
  private static final int[] LSTM_GATES = {0, 3, 1, 2};

  private static final int[] LSTM_GATES_OF_KERAS_1 = {0, 3, 2, 1};

  /** Reads the next weights of the layer. */
  static RecurrentWeights read(LayerContext layer, String opType, long features, long units) {
    int gates = gates(opType);
    boolean lstm = opType.equals("LSTM");
    if (layer.spec().className().startsWith("CuDNN")) {
      return cuDnn(layer, gates, features, units);
    }
    if (layer.dialect().major() == 1
        && gates > 1
        && !layer.config().text("consume_less", "").equals("gpu")) {
      return kerasOne(layer, gates, features, units);
    }
    long width = gates * units;
    Tensor kernel = layer.tensor("kernel", features, width);
    Tensor recurrent = layer.tensor("recurrent_kernel", units, width);
    int[] order = lstm ? LSTM_GATES : inOrder(gates);
    return new RecurrentWeights(
        matrix(kernel, order),
        matrix(recurrent, order),
        bias(layer, order, units, layer.config().flag("use_bias", true)));
  }

  static int gates(String opType) {
    return switch (opType) {
      case "LSTM" -> 4;
      case "GRU" -> 3;
      default -> 1;
    };
  }

  private static int[] inOrder(int gates) {
    int[] order = new int[gates];
    Arrays.setAll(order, i -> i);
    return order;
  }

  private static Tensor bias(LayerContext layer, int[] order, long units, boolean biased) {
    long width = order.length * units;
    if (!biased) {
      return zeros(layer.type(), 1, 2 * width);
    }
    if (resetsAfter(layer) && order.length == 3) {
      return Tensors.reshape(layer.tensor("bias", 2, width), 1, 2 * width);
    }
    Tensor ordered = blocks(layer.tensor("bias", width), 0, order);
    return Tensors.reshape(Tensors.concat(0, ordered, zeros(layer.type(), width)), 1, 2 * width);
  }

  /** Whether a GRU applies its reset gate after the product, and so has two rows of biases. */
  static boolean resetsAfter(LayerContext layer) {
    return layer.spec().className().equals("CuDNNGRU")
        || layer.config().flag("reset_after", layer.dialect().isThree());
  }

  /** [in, gates · units] as [1, gates · units, in], gates in another order. */
  private static Tensor matrix(Tensor weight, int[] order) {
    Tensor rows = blocks(Tensors.permute(weight, 1, 0), 0, order);
    return Tensors.reshape(rows, 1, rows.shape().dim(0), rows.shape().dim(1));
  }

  private static Tensor blocks(Tensor tensor, int axis, int[] order) {
    long size = tensor.shape().dim(axis) / order.length;
    Tensor[] parts = new Tensor[order.length];
    for (int i = 0; i < order.length; i++) {
      parts[i] = Tensors.slice(tensor, axis, order[i] * size, (order[i] + 1) * size);
    }
    return Tensors.concat(axis, parts);
  }

  private static Tensor zeros(DataType type, long... dims) {
    return Elements.tensor(type, Shape.of(dims), i -> 0);
  }

  /** A matrix and a bias for each gate: of an LSTM i, c, f, o; of a GRU z, r, h. */
  private static RecurrentWeights kerasOne(
      LayerContext layer, int gates, long features, long units) {
    Tensor[] kernels = new Tensor[gates];
    Tensor[] recurrents = new Tensor[gates];
    Tensor[] biases = new Tensor[gates];
    for (int gate = 0; gate < gates; gate++) {
      kernels[gate] = layer.tensor("W" + gate, features, units);
      recurrents[gate] = layer.tensor("U" + gate, units, units);
      biases[gate] = layer.tensor("b" + gate, units);
    }
    int[] order = gates == 4 ? LSTM_GATES_OF_KERAS_1 : inOrder(gates);
    Tensor bias = blocks(Tensors.concat(0, biases), 0, order);
    return new RecurrentWeights(
        matrix(Tensors.concat(1, kernels), order),
        matrix(Tensors.concat(1, recurrents), order),
        Tensors.reshape(
            Tensors.concat(0, bias, zeros(layer.type(), gates * units)), 1, 2 * gates * units));
  }

  /** cuDNN's blocks are stored as if they had Keras' shape, but lie as ONNX has them. */
  private static RecurrentWeights cuDnn(LayerContext layer, int gates, long features, long units) {
    int[] order = gates == 4 ? LSTM_GATES : inOrder(gates);
    Tensor kernel = layer.tensor("kernel", features, gates * units);
    Tensor recurrent = layer.tensor("recurrent_kernel", units, gates * units);
    Tensor bias = layer.tensor("bias", 2 * gates * units);
    Tensor first = Tensors.slice(bias, 0, 0, gates * units);
    Tensor second = Tensors.slice(bias, 0, gates * units, 2 * gates * units);
    return new RecurrentWeights(
        cuDnnMatrix(kernel, order, units),
        cuDnnMatrix(recurrent, order, units),
        Tensors.reshape(
            Tensors.concat(0, blocks(first, 0, order), blocks(second, 0, order)),
            1,
            2 * gates * units));
  }

  private static Tensor cuDnnMatrix(Tensor stored, int[] order, long units) {
    long in = stored.shape().dim(0);
    Tensor[] gates = new Tensor[order.length];
    for (int i = 0; i < order.length; i++) {
      Tensor gate = Tensors.slice(stored, 1, order[i] * units, (order[i] + 1) * units);
      gates[i] = Tensors.reshape(gate, units, in);
    }
    Tensor rows = Tensors.concat(0, gates);
    return Tensors.reshape(rows, 1, order.length * units, in);
  }
}
