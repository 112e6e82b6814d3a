package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Emits the nodes that decode weights, in front of all others. Parts are called {@code
 * weight.gaps}, results {@code weight.1} and so on; nodes have no names. Constants that several
 * weights need are there once.
 */
final class DecodingNodes {
  /** How the names of what several weights use begin. */
  static final String SHARED = "decode.";

  private final Graph graph;
  private final Node first;
  private final boolean listsInitializers;
  private final Map<Key, Value> shared = new HashMap<>();
  private final Map<Key, Value> zeros = new HashMap<>();
  private final Map<List<Long>, Value> columns = new HashMap<>();
  private Value weight;
  private int results;

  private record Key(DataType dataType, Shape shape, ByteBuffer bytes) {}

  /**
   * An emitter for a graph.
   *
   * @param listsInitializers whether initializers have to be listed among the inputs, as up to IR 3
   */
  DecodingNodes(Graph graph, boolean listsInitializers) {
    this.graph = graph;
    this.first = graph.nodes().isEmpty() ? null : graph.nodes().get(0);
    this.listsInitializers = listsInitializers;
  }

  /** Takes the tensor away from {@code value}; what is emitted from now on is to compute it. */
  void begin(Value value) {
    weight = value;
    results = 0;
    if (value.isGraphInput()) {
      graph.makeConstant(value);
    }
    value.removeInitializer();
  }

  /** An initializer of the weight's own. */
  Value part(String role, Tensor tensor) {
    return initializer(weight.name() + "." + role, tensor);
  }

  private Value initializer(String name, Tensor tensor) {
    Value value = graph.newValue(name);
    value.setInitializer(tensor);
    value.setType(TensorType.of(tensor));
    if (listsInitializers) {
      graph.makeInput(value);
    }
    return value;
  }

  /** A constant that other weights may need as well. */
  Value constant(Tensor tensor) {
    Key key = new Key(tensor.dataType(), tensor.shape(), tensor.bytes());
    return shared.computeIfAbsent(key, absent -> initializer(SHARED + shared.size(), tensor));
  }

  /** An int64 constant of rank 1. */
  Value ints(long... numbers) {
    return constant(ArrayTensor.of(Shape.of(numbers.length), numbers));
  }

  /** The first axis, where an operator takes it as an input. */
  Value firstAxis() {
    return int32(0);
  }

  /** An int32 scalar, such as the number of an axis. */
  Value int32(int number) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return constant(new ArrayTensor(DataType.INT32, Shape.of(), bytes.putInt(number).flip()));
  }

  Value cast(Value x, DataType type) {
    return call("Cast", Map.of("to", Attribute.of(type.code())), x);
  }

  /**
   * The int32 numbers 0, {@code step}, twice that and so on.
   *
   * @param count of them
   * @param after axes of length 1 that follow
   */
  Value steps(int step, long count, int after) {
    long end = step * count;
    long[] dims = new long[after + 1];
    Arrays.fill(dims, 1);
    dims[0] = -1;
    return columns.computeIfAbsent(
        List.of((long) step, end, (long) after),
        absent -> {
          Value range = graph.newValue(SHARED + "steps." + columns.size());
          emit("Range", Map.of(), range, int32(0), int32(Math.toIntExact(end)), int32(step));
          Value column = graph.newValue(range.name() + ".column");
          emit("Reshape", Map.of(), column, range, ints(dims));
          return column;
        });
  }

  /** Zeros of a shape; those of one shape are made once. */
  Value zeros(DataType type, long... dims) {
    Tensor shape = ArrayTensor.of(Shape.of(dims.length), dims);
    return zeros.computeIfAbsent(
        new Key(type, shape.shape(), shape.bytes()), absent -> filled(type, dims));
  }

  private Value filled(DataType type, long... dims) {
    Value result = graph.newValue(SHARED + "zeros." + zeros.size());
    ByteBuffer zero = ByteBuffer.allocate(type.bits() / 8);
    Map<String, Attribute> attributes =
        type == DataType.FLOAT
            ? Map.of()
            : Map.of("value", Attribute.of(new ArrayTensor(type, Shape.of(1), zero)));
    emit("ConstantOfShape", attributes, result, ints(dims));
    return result;
  }

  Value call(String opType, Value... inputs) {
    return call(opType, Map.of(), inputs);
  }

  Value call(String opType, Map<String, Attribute> attributes, Value... inputs) {
    Value result = graph.newValue(weight.name() + "." + ++results);
    emit(opType, attributes, result, inputs);
    return result;
  }

  /** As {@link #call}, with the weight itself as the result. */
  void last(String opType, Map<String, Attribute> attributes, Value... inputs) {
    emit(opType, attributes, weight, inputs);
  }

  /** Makes the weight itself the result of the node that has {@code last} as its result. */
  void finish(Value last) {
    Node node = last.producer().orElseThrow();
    Value[] inputs = node.inputs().toArray(Value[]::new);
    Map<String, Attribute> attributes = Map.copyOf(node.attributes());
    graph.remove(node);
    emit(node.opType(), attributes, weight, inputs);
  }

  private void emit(
      String opType, Map<String, Attribute> attributes, Value result, Value... inputs) {
    OperatorId operator = OperatorId.of(opType);
    Node node =
        first == null
            ? graph.addNode("", operator, List.of(result))
            : graph.addNodeBefore(first, "", operator, List.of(result));
    for (Value input : inputs) {
      node.addInput(input);
    }
    attributes.forEach(node::setAttribute);
  }
}
