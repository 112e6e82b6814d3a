package io.espalier.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Emits nodes into a graph: one method per operator, values in, value out. Operators have the form
 * of opset {@value #OPSET}, so the graph has to be at that opset.
 *
 * <p>Nodes are appended, or put in front of a given one ({@link #before}); results are named {@code
 * scope.OpType}, constants are initializers that are shared where they are equal.
 */
public final class Ops {
  /**
   * The opset of emitted nodes. It has the last forms of all operators that are needed; opset 22
   * renews convolutions and pools, but only to let them take bfloat16.
   */
  public static final long OPSET = 21;

  private final Graph graph;
  private final Constants constants;
  private final String scope;
  private final Node next;

  private Ops(Graph graph, Constants constants, String scope, Node next) {
    this.graph = graph;
    this.constants = constants;
    this.scope = scope;
    this.next = next;
  }

  /** An emitter that appends to {@code graph}. */
  public Ops(Graph graph) {
    this(graph, new Constants(graph), "", null);
  }

  /** The same emitter, naming results {@code scope.OpType}. */
  public Ops in(String newScope) {
    return new Ops(graph, constants, newScope, next);
  }

  /** The same emitter, putting nodes in front of {@code node}. */
  public Ops before(Node node) {
    return new Ops(graph, constants, scope, node);
  }

  public Graph graph() {
    return graph;
  }

  /** Calls an operator of the default domain that has one output. */
  public Value call(String opType, Map<String, Attribute> attributes, Value... inputs) {
    return call(OperatorId.of(opType), attributes, 1, inputs).get(0);
  }

  /** Calls an operator with so many outputs; an absent optional input is {@code null}. */
  public List<Value> call(
      OperatorId operator, Map<String, Attribute> attributes, int outputs, Value... inputs) {
    String name = scope.isEmpty() ? operator.opType() : scope + "." + operator.opType();
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(graph.newValue(name));
    }
    String label = outputs == 0 ? name : results.get(0).name();
    Node node =
        next == null
            ? graph.addNode(label, operator, results)
            : graph.addNodeBefore(next, label, operator, results);
    for (Value input : inputs) {
      node.addInput(input);
    }
    new TreeMap<>(attributes).forEach(node::setAttribute);
    return results;
  }

  /** Calls an operator that has one output and is called without attributes. */
  public Value call(String opType, Value... inputs) {
    return call(opType, Map.of(), inputs);
  }

  public Value constant(Tensor tensor) {
    return constants.of(tensor);
  }

  /** A constant of rank 0; types that Java has no number for are cast from float. */
  public Value scalar(DataType dataType, double number) {
    return switch (dataType) {
      case FLOAT, DOUBLE, INT32, INT64, BOOL ->
          constant(Constants.filled(dataType, Shape.of(), number));
      default -> cast(scalar(DataType.FLOAT, number), dataType);
    };
  }

  /** An int64 constant of rank 1. */
  public Value ints(long... numbers) {
    return constant(ArrayTensor.of(Shape.of(numbers.length), numbers));
  }

  /** A float constant of rank 1. */
  public Value floats(float... numbers) {
    return constant(ArrayTensor.of(Shape.of(numbers.length), numbers));
  }

  public Value add(Value a, Value b) {
    return call("Add", a, b);
  }

  public Value sub(Value a, Value b) {
    return call("Sub", a, b);
  }

  public Value mul(Value a, Value b) {
    return call("Mul", a, b);
  }

  public Value div(Value a, Value b) {
    return call("Div", a, b);
  }

  public Value pow(Value base, Value exponent) {
    return call("Pow", base, exponent);
  }

  public Value neg(Value x) {
    return call("Neg", x);
  }

  public Value exp(Value x) {
    return call("Exp", x);
  }

  public Value log(Value x) {
    return call("Log", x);
  }

  public Value sqrt(Value x) {
    return call("Sqrt", x);
  }

  public Value reciprocal(Value x) {
    return call("Reciprocal", x);
  }

  public Value sigmoid(Value x) {
    return call("Sigmoid", x);
  }

  public Value equal(Value a, Value b) {
    return call("Equal", a, b);
  }

  public Value less(Value a, Value b) {
    return call("Less", a, b);
  }

  public Value greater(Value a, Value b) {
    return call("Greater", a, b);
  }

  public Value not(Value x) {
    return call("Not", x);
  }

  public Value and(Value a, Value b) {
    return call("And", a, b);
  }

  public Value where(Value condition, Value yes, Value no) {
    return call("Where", condition, yes, no);
  }

  public Value cast(Value x, DataType dataType) {
    return call("Cast", Map.of("to", Attribute.of(dataType.code())), x);
  }

  public Value matMul(Value a, Value b) {
    return call("MatMul", a, b);
  }

  /** The product of two matrices, each transposed first if so asked. */
  public Value gemm(Value a, boolean transposeA, Value b, boolean transposeB) {
    return call("Gemm", Map.of("transA", flag(transposeA), "transB", flag(transposeB)), a, b);
  }

  /**
   * Axis {@code i} of the result is axis {@code axes[i]} of {@code x}. Where nothing moves, this is
   * {@code x} itself: onnxruntime takes any Transpose behind a Gemm for one that moves.
   */
  public Value transpose(Value x, long... axes) {
    if (Arrays.equals(axes, LongStream.range(0, axes.length).toArray())) {
      return x;
    }
    return call("Transpose", Map.of("perm", Attribute.of(axes)), x);
  }

  /** {@code x} in another shape: 0 copies a dimension, -1 takes what remains. */
  public Value reshape(Value x, long... shape) {
    return call("Reshape", x, ints(shape));
  }

  public Value reshape(Value x, Value shape) {
    return call("Reshape", x, shape);
  }

  public Value unsqueeze(Value x, long... axes) {
    return call("Unsqueeze", x, ints(axes));
  }

  public Value squeeze(Value x, long... axes) {
    return call("Squeeze", x, ints(axes));
  }

  /** The dimensions, as int64 of rank 1. */
  public Value shape(Value x) {
    return call("Shape", x);
  }

  /** Dimensions {@code from} (inclusive) to {@code to} (exclusive), as int64 of rank 1. */
  public Value shape(Value x, long from, long to) {
    return call("Shape", Map.of("start", Attribute.of(from), "end", Attribute.of(to)), x);
  }

  /** The number of elements, as an int64 scalar. */
  public Value size(Value x) {
    return call("Size", x);
  }

  public Value concat(long axis, List<Value> parts) {
    return call("Concat", Map.of("axis", Attribute.of(axis)), parts.toArray(Value[]::new));
  }

  /**
   * Parts of {@code x} along {@code axis}; {@code sizes} is int64 of rank 1, {@code parts} long.
   */
  public List<Value> split(Value x, long axis, Value sizes, int parts) {
    return call(OperatorId.of("Split"), Map.of("axis", Attribute.of(axis)), parts, x, sizes);
  }

  /** Elements from {@code starts} to {@code ends} along {@code axes}, every {@code steps}th. */
  public Value slice(Value x, long[] starts, long[] ends, long[] axes, long[] steps) {
    boolean dense = Arrays.stream(steps).allMatch(step -> step == 1);
    return dense
        ? call("Slice", x, ints(starts), ints(ends), ints(axes))
        : call("Slice", x, ints(starts), ints(ends), ints(axes), ints(steps));
  }

  public Value expand(Value x, Value shape) {
    return call("Expand", x, shape);
  }

  public Value gather(Value x, Value indices, long axis) {
    return call("Gather", Map.of("axis", Attribute.of(axis)), x, indices);
  }

  /** Zeros at both ends of {@code axes}: all begins, then all ends. */
  public Value pad(Value x, Value pads, Value axes) {
    return call("Pad", x, pads, null, axes);
  }

  /**
   * The same for a tensor of known rank, saying the pads of all axes: onnxruntime moves a Transpose
   * through a Pad as if there were no {@code axes}.
   */
  public Value pad(Value x, int rank, long[] pads, long[] axes) {
    long[] all = new long[2 * rank];
    for (int i = 0; i < axes.length; i++) {
      int axis = Math.toIntExact(axes[i] < 0 ? axes[i] + rank : axes[i]);
      all[axis] = pads[i];
      all[rank + axis] = pads[axes.length + i];
    }
    return call("Pad", x, ints(all));
  }

  /** A tensor of that shape filled with one number. */
  public Value filled(Value shape, DataType dataType, double number) {
    return switch (dataType) {
      case FLOAT, DOUBLE, INT32, INT64, BOOL ->
          call(
              "ConstantOfShape",
              Map.of("value", Attribute.of(Constants.filled(dataType, Shape.of(1), number))),
              shape);
      default -> cast(filled(shape, DataType.FLOAT, number), dataType);
    };
  }

  /** {@code start}, {@code start + step}, … below {@code limit}; all scalars. */
  public Value range(Value start, Value limit, Value step) {
    return call("Range", start, limit, step);
  }

  public Value reduceSum(Value x, long[] axes, boolean keep) {
    return reduceSum(x, ints(axes), keep);
  }

  /** Sums over {@code axes}, which are int64 of rank 1; over none if there are none. */
  public Value reduceSum(Value x, Value axes, boolean keep) {
    return call(
        "ReduceSum",
        Map.of("keepdims", flag(keep), "noop_with_empty_axes", Attribute.of(1)),
        x,
        axes);
  }

  public Value reduceMean(Value x, long[] axes, boolean keep) {
    return call("ReduceMean", Map.of("keepdims", flag(keep)), x, ints(axes));
  }

  /** {@code base} with {@code updates} added at {@code indices} along {@code axis}. */
  public Value scatterAdd(Value base, Value indices, Value updates, long axis) {
    return call(
        "ScatterElements",
        Map.of("axis", Attribute.of(axis), "reduction", Attribute.of("add")),
        base,
        indices,
        updates);
  }

  /** {@code base} with {@code updates} added at index tuples, as ScatterND has them. */
  public Value scatterNdAdd(Value base, Value indices, Value updates) {
    return call("ScatterND", Map.of("reduction", Attribute.of("add")), base, indices, updates);
  }

  /** The sum of values of one shape, or of shapes that broadcast. */
  public Value sum(List<Value> terms) {
    return switch (terms.size()) {
      case 1 -> terms.get(0);
      case 2 -> add(terms.get(0), terms.get(1));
      default -> call("Sum", terms.toArray(Value[]::new));
    };
  }

  private static Attribute flag(boolean on) {
    return Attribute.of(on ? 1 : 0);
  }
}
