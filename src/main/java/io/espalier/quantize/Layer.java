package io.espalier.quantize;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * A node that multiplies by a constant weight and that onnxruntime has integer kernels for.
 *
 * @param axis of the weight's output channels
 */
record Layer(Node node, int axis) {

  /** Why the use of a weight by {@code node} stays in floats; empty if it need not. */
  static Optional<String> obstacle(Node node, int slot, Graph main, Types types) {
    String operator = node.operator().toString();
    Tensor weight = node.inputs().get(slot).constant().orElseThrow();
    if (!operator.equals("Conv") && !operator.equals("Gemm") && !operator.equals("MatMul")) {
      return Optional.of("onnxruntime has no integer kernel for " + node.label());
    }
    if (slot != 1) {
      return Optional.of(node.label() + " has it in input " + slot + ", expected 1");
    }
    if (node.graph() != main) {
      return Optional.of(node.label() + " is not in the main graph");
    }
    if (weight.dataType() != DataType.FLOAT
        || types.dataType(node.inputs().get(0)).filter(DataType.FLOAT::equals).isEmpty()) {
      return Optional.of(node.label() + " does not compute in float32");
    }
    if (!operator.equals("Conv") && weight.shape().rank() != 2) {
      return Optional.of(node.label() + " multiplies by no single matrix");
    }
    boolean scaled =
        node.intAttribute("transA", 0) != 0
            || node.floatAttribute("alpha", 1) != 1
            || node.floatAttribute("beta", 1) != 1;
    if (operator.equals("Gemm") && scaled) {
      return Optional.of(node.label() + " has transA, alpha or beta");
    }
    if (node.input(2).isPresent() && bias(node).isEmpty()) {
      return Optional.of("the bias of " + node.label() + " is no constant vector");
    }
    return Optional.empty();
  }

  static Layer of(Node node) {
    boolean columns = node.is("MatMul") || node.is("Gemm") && node.intAttribute("transB", 0) == 0;
    return new Layer(node, columns ? 1 : 0);
  }

  Value input() {
    return node.inputs().get(0);
  }

  Value output() {
    return node.outputs().get(0);
  }

  Value weight() {
    return node.inputs().get(1);
  }

  Tensor tensor() {
    return weight().constant().orElseThrow();
  }

  int channels() {
    return Math.toIntExact(tensor().shape().dim(axis));
  }

  /** From an element of the weight to its channel. */
  IntUnaryOperator channel() {
    Shape shape = tensor().shape();
    int inner = Math.toIntExact(shape.elements(axis + 1, shape.rank()));
    int channels = channels();
    return i -> i / inner % channels;
  }

  /** The bias, one number for each channel. */
  Optional<IntToDoubleFunction> bias() {
    return bias(node);
  }

  private static Optional<IntToDoubleFunction> bias(Node node) {
    Optional<Tensor> tensor = node.input(2).flatMap(Value::constant);
    if (tensor.isEmpty()) {
      return Optional.empty();
    }
    long channels = node.inputs().get(1).constant().orElseThrow().shape().dim(of(node).axis());
    Shape shape = tensor.get().shape();
    boolean last = shape.rank() > 0 && shape.dim(shape.rank() - 1) == shape.elements();
    Optional<IntToDoubleFunction> element = Elements.of(tensor.get());
    if (shape.elements() == 1) {
      return element.map(x -> i -> x.applyAsDouble(0));
    }
    return last && shape.elements() == channels ? element : Optional.empty();
  }
}
