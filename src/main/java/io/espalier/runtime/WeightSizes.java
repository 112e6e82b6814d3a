package io.espalier.runtime;

import io.espalier.graph.Attribute;
import io.espalier.graph.Elements;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Optional;

/** What the weights of the first operators say about the size and rank of an input. */
final class WeightSizes {
  private WeightSizes() {}

  /**
   * Notes what {@code node} asks of the input in its slot {@code index}.
   *
   * @param axes for each axis of the value there the axis of the input; null if unknown
   */
  static void note(InputUse use, int[] axes, Node node, int index) {
    switch (node.opType()) {
      case "Conv", "ConvInteger", "FusedConv" -> conv(use, axes, node, index, 1, 1);
      case "QLinearConv" -> conv(use, axes, node, index, 3, 1);
      case "ConvTranspose" -> conv(use, axes, node, index, 1, 0);
      case "MatMul", "MatMulInteger", "FusedMatMul" -> matMul(use, axes, node, index);
      case "Gemm", "FusedGemm" -> gemm(use, axes, node, index);
      case "LSTM", "GRU", "RNN" -> recurrent(use, axes, node, index);
      case "BatchNormalization", "InstanceNormalization" -> {
        use.ranks(4);
        weight(node, 1).filter(w -> index == 0).ifPresent(w -> needs(use, axes, 1, w.dim(0)));
      }
      case "Add", "Sub", "Mul", "Div" -> broadcast(use, axes, node, index);
      case "Reshape" -> reshape(use, axes, node, index);
      case "Gather" -> gather(use, axes, node, index);
      case "MaxPool", "AveragePool", "GlobalAveragePool" -> use.ranks(4);
      default -> classic(use, axes, node);
    }
  }

  private static Optional<Shape> weight(Node node, int index) {
    return node.input(index).flatMap(Value::constant).map(Tensor::shape);
  }

  private static void needs(InputUse use, int[] axes, int axis, long size) {
    if (axes != null && axis >= 0 && axis < axes.length) {
      use.needs(axes[axis], size);
    } else if (axes == null && use.rank() > axis && axis >= 0) {
      use.needs(axis, size);
    }
  }

  private static void conv(
      InputUse use, int[] axes, Node node, int index, int weight, int channelAxis) {
    Optional<Shape> kernel = weight(node, weight).filter(w -> index == 0 && w.rank() >= 3);
    if (kernel.isPresent()) {
      use.ranks(kernel.get().rank());
      long group = channelAxis == 1 ? node.intAttribute("group", 1) : 1;
      needs(use, axes, 1, kernel.get().dim(channelAxis) * group);
    }
  }

  private static void matMul(InputUse use, int[] axes, Node node, int index) {
    Optional<Shape> other = weight(node, 1 - Math.min(1, index)).filter(w -> w.rank() >= 2);
    if (other.isPresent() && index < 2 && axes != null) {
      int rank = other.get().rank();
      if (index == 0) {
        needs(use, axes, axes.length - 1, other.get().dim(rank - 2));
      } else {
        needs(use, axes, axes.length - 2, other.get().dim(rank - 1));
      }
    } else if (other.isPresent() && index == 0) {
      use.ranks(2);
      needs(use, null, 1, other.get().dim(other.get().rank() - 2));
    }
  }

  private static void gemm(InputUse use, int[] axes, Node node, int index) {
    Optional<Shape> b = weight(node, 1).filter(w -> index == 0 && w.rank() == 2);
    if (b.isPresent()) {
      use.ranks(2);
      int axis = node.intAttribute("transA", 0) == 0 ? 1 : 0;
      needs(use, axes, axis, b.get().dim(node.intAttribute("transB", 0) == 0 ? 0 : 1));
    }
  }

  private static void recurrent(InputUse use, int[] axes, Node node, int index) {
    Optional<Shape> w = weight(node, 1).filter(shape -> index == 0 && shape.rank() == 3);
    if (w.isPresent()) {
      use.ranks(3);
      needs(use, axes, 2, w.get().dim(2));
    }
  }

  private static void broadcast(InputUse use, int[] axes, Node node, int index) {
    Optional<Shape> other = weight(node, 1 - Math.min(1, index));
    if (other.isEmpty() || axes == null) {
      return;
    }
    int shift = axes.length - other.get().rank();
    for (int axis = Math.max(0, -shift); axis < other.get().rank(); axis++) {
      if (other.get().dim(axis) > 1) {
        needs(use, axes, axis + shift, other.get().dim(axis));
      }
    }
  }

  /** A row of [N, K] that is folded to a constant shape has as many elements as that. */
  private static void reshape(InputUse use, int[] axes, Node node, int index) {
    Optional<Tensor> target = node.input(1).flatMap(Value::constant);
    if (index != 0 || axes == null || axes.length != 2 || target.isEmpty()) {
      return;
    }
    var element = Elements.of(target.get()).orElse(null);
    long product = 1;
    for (int i = 1; element != null && i < target.get().shape().elements(); i++) {
      product *= (long) element.applyAsDouble(i);
    }
    if (product > 1) {
      needs(use, axes, 1, product);
    }
  }

  /** Constant indices into the input itself. */
  private static void gather(InputUse use, int[] axes, Node node, int index) {
    long axis = node.intAttribute("axis", 0);
    Optional<Tensor> picked = node.input(1).flatMap(Value::constant).filter(t -> index == 0);
    if (axes == null || picked.isEmpty()) {
      return;
    }
    int at = (int) (axis < 0 ? axis + axes.length : axis);
    var element = Elements.of(picked.get()).orElse(null);
    for (int i = 0; element != null && i < picked.get().shape().elements(); i++) {
      double wanted = element.applyAsDouble(i);
      if (at >= 0 && at < axes.length && wanted >= 1) {
        use.needsAtLeast(axes[at], (long) wanted + 1);
      }
    }
  }

  /** Operators of ai.onnx.ml: linear models, scalers and trees over [N, features]. */
  private static void classic(InputUse use, int[] axes, Node node) {
    if (!node.operator().domain().equals("ai.onnx.ml")) {
      return;
    }
    int offsets = length(node, "offset");
    int coefficients = length(node, "coefficients");
    List<Long> features = node.intsAttribute("nodes_featureids").orElse(List.of());
    use.ranks(2);
    if (offsets > 1) {
      needs(use, axes, 1, offsets);
    } else if (coefficients > 0) {
      int rows =
          node.opType().equals("LinearRegressor")
              ? (int) node.intAttribute("targets", 1)
              : Math.max(length(node, "intercepts"), 1);
      needs(use, axes, 1, coefficients / Math.max(1, rows));
    } else if (!features.isEmpty()) {
      needs(use, axes, 1, features.stream().mapToLong(Long::longValue).max().getAsLong() + 1);
    }
  }

  private static int length(Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.FloatsAttribute floats
        ? floats.value().size()
        : 0;
  }
}
