package io.espalier.gradient;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/** What a rule sees: a node, the gradients of its outputs, and what is known about shapes. */
public final class GradientContext {
  private final Node node;
  private final Ops ops;
  private final Types types;
  private final Map<Value, Value> gradients;
  private final Set<Value> wanted;
  private final Set<Value> zeroBehindRelu;

  GradientContext(
      Node node,
      Ops ops,
      Types types,
      Map<Value, Value> gradients,
      Set<Value> wanted,
      Set<Value> zeroBehindRelu) {
    this.node = node;
    this.ops = ops;
    this.types = types;
    this.gradients = gradients;
    this.wanted = wanted;
    this.zeroBehindRelu = zeroBehindRelu;
  }

  /** The node that is differentiated. */
  public Node node() {
    return node;
  }

  /** The first input. */
  public Value x() {
    return x(0);
  }

  /** An input that is there. */
  public Value x(int index) {
    return node.input(index).orElseThrow(() -> refuse("it has no input " + index));
  }

  /** Whether the input is there. */
  public boolean has(int index) {
    return node.input(index).isPresent();
  }

  /** Whether the gradient of this input leads to a weight. */
  public boolean wants(int index) {
    return node.input(index).filter(wanted::contains).isPresent();
  }

  /** The first output. */
  public Value y() {
    return node.outputs().get(0);
  }

  /** The gradient of the first output. */
  public Value dy() {
    return dy(0);
  }

  /** The gradient of an output: zeros if the loss does not depend on it. */
  public Value dy(int index) {
    Value y = node.outputs().get(index);
    Value dy = gradients.get(y);
    return dy != null ? dy : ops.filled(ops.shape(y), dataType(y), 0);
  }

  /** Whether the loss depends on this output. */
  public boolean hasGradient(int output) {
    return output < node.outputs().size() && gradients.containsKey(node.outputs().get(output));
  }

  /** The element type that the rule computes in: that of the first output that is there. */
  public DataType dataType() {
    return dataType(node.outputs().stream().filter(Objects::nonNull).findFirst().orElseThrow());
  }

  DataType dataType(Value value) {
    return types
        .dataType(value)
        .orElseThrow(() -> refuse("the element type of '" + value + "' is not known"));
  }

  /**
   * Notes that {@code gradient}, of an input that a {@code Relu} computes, is zero already where
   * that input is, so that the rule of the {@code Relu} need not mask it.
   */
  public void knowZeroBehindRelu(Value gradient) {
    zeroBehindRelu.add(gradient);
  }

  /** Whether the output's gradient is known to be zero where the output of a {@code Relu} is. */
  public boolean isZeroBehindRelu() {
    return zeroBehindRelu.contains(dy());
  }

  /** A scalar of the rule's element type. */
  public Value number(double number) {
    return ops.scalar(dataType(), number);
  }

  /** 1 where {@code condition} holds and 0 elsewhere, in the rule's element type. */
  public Value mask(Value condition) {
    return ops.cast(condition, dataType());
  }

  /** The dimensions, absent if the rank is unknown. */
  public Optional<List<Dim>> dims(Value value) {
    return types.dims(value);
  }

  /** The number of dimensions, without which the rule is lost. */
  public int rank(Value value) {
    return dims(value)
        .map(List::size)
        .orElseThrow(() -> refuse("the rank of '" + value + "' is not known"));
  }

  /** The size along an axis; -1 if it is not known. */
  public long dim(Value value, int axis) {
    return dims(value).map(dims -> dims.get(axis)).orElse(null) instanceof Dim.Known known
        ? known.size()
        : -1;
  }

  /** The size along an axis, without which the rule is lost. */
  public long knownDim(Value value, int axis) {
    long size = dim(value, axis);
    if (size < 0) {
      throw refuse("dimension " + axis + " of '" + value + "' is not known");
    }
    return size;
  }

  /** The shape as an int64 vector: a constant if it is known, else computed. */
  public Value shapeOf(Value value) {
    return types
        .shape(value)
        .map(shape -> ops.ints(shape.dims()))
        .orElseGet(() -> ops.shape(value));
  }

  /** {@code gradient} in the shape of {@code like}; it has as many elements. */
  public Value reshapeLike(Value gradient, Value like) {
    List<Dim> dims = dims(like).orElse(null);
    if (dims == null || dims.contains(new Dim.Known(0))) {
      return ops.reshape(gradient, ops.shape(like));
    }
    long unknown = dims.stream().filter(dim -> !(dim instanceof Dim.Known)).count();
    if (unknown > 1) {
      return ops.reshape(gradient, ops.shape(like));
    }
    return ops.reshape(
        gradient,
        dims.stream().mapToLong(dim -> dim instanceof Dim.Known k ? k.size() : -1).toArray());
  }

  /** {@code gradient}, of the shape {@code from}, summed over where {@code like} was broadcast. */
  public Value sumTo(Value gradient, Optional<List<Dim>> from, Value like) {
    return new Unbroadcast(ops, types).sumTo(gradient, from, like);
  }

  /** The type to sum scattered elements in: onnxruntime adds none of 16 bits. */
  DataType sumType() {
    return dataType().bits() == Short.SIZE ? DataType.FLOAT : dataType();
  }

  /** {@code dy} in {@link #sumType}. */
  Value dyToSum() {
    return sumType() == dataType() ? dy() : ops.cast(dy(), sumType());
  }

  /** A sum in {@link #sumType} in the rule's type. */
  Value summed(Value sum) {
    return sumType() == dataType() ? sum : ops.cast(sum, dataType());
  }

  /** Zeros in {@link #sumType} and the shape of {@code like}. */
  Value zerosToSum(Value like) {
    return ops.filled(shapeOf(like), sumType(), 0);
  }

  /** Zeros in the shape and type of {@code like}. */
  public Value zerosLike(Value like) {
    return ops.filled(shapeOf(like), dataType(like), 0);
  }

  /** The axis attribute, counted from the front. */
  public int axis(String attribute, long absent, int rank) {
    long axis = node.intAttribute(attribute, absent);
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  /** The elements of an int64 or int32 input that is a constant; absent if it is none. */
  public Optional<long[]> constantInts(int input) {
    Tensor tensor = node.input(input).flatMap(Value::constant).orElse(null);
    boolean ints =
        tensor != null
            && (tensor.dataType() == DataType.INT64 || tensor.dataType() == DataType.INT32);
    if (!ints) {
      return Optional.empty();
    }
    IntToDoubleFunction element = Elements.of(tensor).orElseThrow();
    long[] elements = new long[Math.toIntExact(tensor.shape().elements())];
    Arrays.setAll(elements, i -> (long) element.applyAsDouble(i));
    return Optional.of(elements);
  }

  /** The shape, if it is known. */
  public Optional<Shape> shape(Value value) {
    return types.shape(value);
  }

  /** To be thrown where this node cannot be differentiated; {@code reason} is for the user. */
  public RuntimeException refuse(String reason) {
    return new RefusedException(reason);
  }
}
