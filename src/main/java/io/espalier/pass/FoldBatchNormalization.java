package io.espalier.pass;

import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * Folds BatchNormalization with constant parameters into the Conv, ConvTranspose, Gemm or MatMul
 * (with an Add of a bias, or without) that it follows. Computed in double, the result differs from
 * the original by the rounding of a weight; zeros stay +0.
 */
public final class FoldBatchNormalization implements Pass {
  private static final OperatorId ADD = OperatorId.of("Add");

  private final Types types;
  private final List<Refusal> refusals = new ArrayList<>();

  /** A fold in the model whose values {@code types} knows. */
  public FoldBatchNormalization(Types types) {
    this.types = types;
  }

  /** y = factor x + offset, for each channel. */
  private record Affine(double[] factor, double[] offset) {
    static Optional<Affine> of(Node node) {
      List<IntToDoubleFunction> parameters = new ArrayList<>();
      for (int slot = 1; slot <= 4; slot++) {
        node.input(slot).flatMap(Value::constant).flatMap(Elements::of).ifPresent(parameters::add);
      }
      if (parameters.size() < 4) {
        return Optional.empty();
      }
      int channels = (int) node.inputs().get(1).constant().orElseThrow().shape().elements();
      double epsilon = node.floatAttribute("epsilon", 1e-5f);
      Affine affine = new Affine(new double[channels], new double[channels]);
      for (int i = 0; i < channels; i++) {
        double deviation = Math.sqrt(parameters.get(3).applyAsDouble(i) + epsilon);
        affine.factor[i] = parameters.get(0).applyAsDouble(i) / deviation;
        double mean = parameters.get(2).applyAsDouble(i);
        affine.offset[i] = parameters.get(1).applyAsDouble(i) - affine.factor[i] * mean;
      }
      return Optional.of(affine);
    }
  }

  @Override
  public PassResult run(Model model) {
    int changes = 0;
    for (Node node : List.copyOf(model.graph().nodes())) {
      if (node.is("BatchNormalization")) {
        try {
          Set<Value> loosened = new HashSet<>(node.inputs());
          node.inputs().get(0).producer().ifPresent(before -> loosened.addAll(before.inputs()));
          fold(model.graph(), node);
          loosened.forEach(FoldBatchNormalization::removeUnused);
          changes++;
        } catch (RefusedException e) {
          refusals.add(new Refusal(node.label(), "is not folded: " + e.getMessage()));
        }
      }
    }
    new DeadNodes().run(model);
    return new PassResult(changes, refusals);
  }

  private static void removeUnused(Value value) {
    boolean unused =
        value != null
            && value.initializer().isPresent()
            && value.uses().isEmpty()
            && !value.isGraphInput()
            && !value.isGraphOutput();
    if (unused) {
      value.graph().remove(value);
    }
  }

  private void fold(Graph graph, Node node) {
    boolean training = node.intAttribute("training_mode", 0) != 0;
    if (training || node.intAttribute("spatial", 1) == 0 || node.outputs().size() > 1) {
      throw new RefusedException("it is not in the form of inference");
    }
    Affine affine =
        Affine.of(node).orElseThrow(() -> new RefusedException("its parameters are computed"));
    Node before = onlyProducer(node.inputs().get(0));
    switch (before.operator().toString()) {
      case "Conv" -> {
        requireVector(before.input(2), affine);
        scale(before, channelAt(before, 0), affine);
        bias(before, 1, affine);
        graph.substitute(node, before.outputs().subList(0, 1));
      }
      case "ConvTranspose" -> {
        requireVector(before.input(2), affine);
        scale(before, transposedChannel(before), affine);
        bias(before, 1, affine);
        graph.substitute(node, before.outputs().subList(0, 1));
      }
      case "Gemm" -> {
        boolean transposed = before.intAttribute("transB", 0) != 0;
        IntUnaryOperator channel = channelAt(before, transposed ? 0 : 1);
        double beta = before.floatAttribute("beta", 1);
        requireVector(before.input(2), affine);
        scale(before, channel, affine);
        bias(before, beta, affine);
        before.removeAttribute("beta");
        graph.substitute(node, before.outputs().subList(0, 1));
      }
      case "MatMul" -> intoMatMul(node, before, null, affine);
      case "Add" -> intoMatMul(node, matMulBefore(before), before, affine);
      default -> throw new RefusedException("it follows " + before.label());
    }
  }

  private static Node onlyProducer(Value value) {
    if (value.uses().size() != 1 || value.isGraphOutput()) {
      throw new RefusedException("what it normalizes is used elsewhere too");
    }
    return value.producer().orElseThrow(() -> new RefusedException("it follows no operator"));
  }

  private static Node matMulBefore(Node add) {
    for (Value input : add.inputs()) {
      if (input.constant().isEmpty()) {
        Node before = onlyProducer(input);
        if (before.is("MatMul")) {
          return before;
        }
      }
    }
    throw new RefusedException("it follows " + add.label());
  }

  private void intoMatMul(Node node, Node matMul, Node add, Affine affine) {
    boolean matrix = types.dims(node.inputs().get(0)).filter(dims -> dims.size() == 2).isPresent();
    boolean weights =
        constant(matMul.inputs().get(1)).filter(tensor -> tensor.shape().rank() == 2).isPresent();
    if (!matrix || !weights) {
      throw new RefusedException("its channels are not the columns of a constant matrix");
    }
    Optional<Value> addend =
        add == null
            ? Optional.empty()
            : add.inputs().stream().filter(input -> constant(input).isPresent()).findFirst();
    if (add != null && addend.isEmpty()) {
      throw new RefusedException("it follows a sum of computed values");
    }
    requireVector(addend, affine);
    scale(matMul, channelAt(matMul, 1), affine);
    Value bias =
        vector(node.graph(), matMul.inputs().get(1), affine, addend.flatMap(this::numbers), 1);
    Node sum = node.graph().replace(node, ADD, node.outputs());
    sum.addInput(matMul.outputs().get(0));
    sum.addInput(bias);
  }

  private static Optional<Tensor> constant(Value value) {
    return value.constant().filter(tensor -> Elements.isNumber(tensor.dataType()));
  }

  private static Tensor weight(Node node) {
    return node.input(1)
        .flatMap(FoldBatchNormalization::constant)
        .orElseThrow(() -> new RefusedException("the weight of " + node.label() + " is computed"));
  }

  /** From an element's index to its channel, which is its index along {@code axis}. */
  private static IntUnaryOperator channelAt(Node node, int axis) {
    Shape shape = weight(node).shape();
    int inner = (int) shape.elements(axis + 1, shape.rank());
    int size = (int) shape.dim(axis);
    return i -> i / inner % size;
  }

  /** Rows are inputs, in groups; each group has its own columns of outputs. */
  private static IntUnaryOperator transposedChannel(Node node) {
    Shape shape = weight(node).shape();
    int inner = (int) shape.elements(2, shape.rank());
    int columns = (int) shape.dim(1);
    int rows = (int) (shape.dim(0) / node.intAttribute("group", 1));
    return i -> i / inner / columns / rows * columns + i / inner % columns;
  }

  private static void scale(Node node, IntUnaryOperator channel, Affine affine) {
    Tensor weight = weight(node);
    IntToDoubleFunction element = Elements.of(weight).orElseThrow();
    Tensor scaled =
        Elements.tensor(
            weight.dataType(),
            weight.shape(),
            i -> element.applyAsDouble(i) * affine.factor()[channel.applyAsInt(i)] + 0.0);
    replaceConstant(node, 1, scaled);
  }

  /** A constant that is used elsewhere too, or computed by a node, stays for the others. */
  private static void replaceConstant(Node node, int slot, Tensor tensor) {
    Value value = node.inputs().get(slot);
    boolean own =
        value.initializer().isPresent()
            && value.uses().size() == 1
            && !value.isGraphOutput()
            && value.graph() == node.graph();
    if (own) {
      value.setInitializer(tensor);
    } else {
      Value folded = node.graph().newValue(value.name() + ".folded");
      folded.setInitializer(tensor);
      node.setInput(slot, folded);
    }
  }

  private void bias(Node node, double beta, Affine affine) {
    Optional<IntToDoubleFunction> old = node.input(2).flatMap(this::numbers);
    Value bias = vector(node.graph(), node.inputs().get(1), affine, old, beta);
    if (node.inputs().size() < 3) {
      node.addInput(bias);
    } else {
      node.setInput(2, bias);
    }
  }

  private Optional<IntToDoubleFunction> numbers(Value value) {
    return value.constant().flatMap(tensor -> Elements.of(tensor).map(x -> one(tensor, x)));
  }

  private static IntToDoubleFunction one(Tensor tensor, IntToDoubleFunction element) {
    return tensor.shape().elements() == 1 ? i -> element.applyAsDouble(0) : element;
  }

  private static void requireVector(Optional<Value> bias, Affine affine) {
    bias.ifPresent(
        value -> {
          long elements = constant(value).map(tensor -> tensor.shape().elements()).orElse(0L);
          if (elements != 1 && elements != affine.factor().length) {
            throw new RefusedException("the bias before it is not one number per channel");
          }
        });
  }

  /** factor beta b + offset, as a new constant of the weight's type. */
  private static Value vector(
      Graph graph, Value weight, Affine affine, Optional<IntToDoubleFunction> b, double beta) {
    Tensor tensor =
        Elements.tensor(
            weight.constant().orElseThrow().dataType(),
            Shape.of(affine.offset().length),
            i ->
                affine.offset()[i]
                    + b.map(old -> affine.factor()[i] * beta * old.applyAsDouble(i)).orElse(0.0));
    Value value = graph.newValue(weight.name() + ".bias");
    value.setInitializer(tensor);
    return value;
  }
}
