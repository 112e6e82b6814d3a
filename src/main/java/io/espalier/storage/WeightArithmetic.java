package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Computes what the operators of encoded weights do, as the ONNX specification defines them, and
 * refuses what it leaves open: positions outside of a tensor, and positions that are written twice.
 */
final class WeightArithmetic {
  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          Map.entry("Cast", WeightArithmetic::cast),
          Map.entry("CumSum", WeightArithmetic::cumSum),
          Map.entry("Reshape", WeightArithmetic::reshape),
          Map.entry("Slice", WeightArithmetic::slice),
          Map.entry("Gather", WeightArithmetic::gather),
          Map.entry("ConstantOfShape", WeightArithmetic::constantOfShape),
          Map.entry("ScatterND", WeightArithmetic::scatter),
          Map.entry("MaxUnpool", WeightArithmetic::maxUnpool),
          Map.entry("ScatterElements", WeightArithmetic::scatterRows),
          Map.entry("BitShift", broadcast((a, b) -> b < 0 || b > 63 ? 0 : a >>> b)),
          Map.entry("Div", broadcast(WeightArithmetic::quotient)),
          Map.entry("Mod", broadcast(WeightArithmetic::remainder)),
          Map.entry("Mul", broadcast((a, b) -> a * b)));

  private final long limit;
  private final Map<Value, Tensor> known = new HashMap<>();

  private interface Rule {
    Tensor apply(WeightArithmetic arithmetic, Node node, Tensor... inputs);
  }

  /** Computes weights whose intermediate results have at most {@code limit} bytes each. */
  WeightArithmetic(long limit) {
    this.limit = limit;
  }

  static boolean knows(Node node) {
    return node.operator().domain().isEmpty() && RULES.containsKey(node.opType());
  }

  /** The tensor that {@code value} is, an initializer or computed from such. */
  Tensor evaluate(Value value) {
    if (value.initializer().isPresent()) {
      return value.initializer().get();
    }
    Tensor before = known.get(value);
    if (before != null) {
      return before;
    }
    Node node = value.producer().orElseThrow();
    Tensor[] inputs = node.inputs().stream().map(this::evaluate).toArray(Tensor[]::new);
    Tensor result;
    try {
      node.attributes().keySet().forEach(name -> requireDefault(node, name));
      result = RULES.get(node.opType()).apply(this, node, inputs);
    } catch (IllegalArgumentException e) {
      throw new MalformedModelException(node.opType() + ": " + e.getMessage(), e);
    } catch (ArrayIndexOutOfBoundsException | ArithmeticException e) {
      throw new MalformedModelException(node.opType() + ": its inputs do not fit", e);
    }
    known.put(value, result);
    return result;
  }

  /** Attributes that no rule reads have to be what is assumed. */
  private static void requireDefault(Node node, String name) {
    boolean plain =
        switch (name) {
          case "to", "axis", "value", "kernel_shape" -> true;
          case "direction" -> node.stringAttribute(name, "").equals("RIGHT");
          case "reduction" -> node.stringAttribute(name, "").equals("none");
          case "exclusive", "reverse", "fmod", "allowzero" -> node.intAttribute(name, 0) == 0;
          default -> false;
        };
    require(plain, "the default of attribute '" + name + "'");
  }

  private ByteBuffer room(DataType type, Shape shape) {
    long size = type.byteSize(shape.elements());
    if (size > limit || size > Integer.MAX_VALUE - 8) {
      throw new UnsupportedModelException(
          "it expands to %d MiB or more; %d MiB are left".formatted(size >> 20, limit >> 20));
    }
    return ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private Tensor cast(Node node, Tensor... inputs) {
    Tensor x = inputs[0];
    DataType to = DataType.of((int) node.intAttribute("to", 0));
    room(to, x.shape());
    return Elements.tensor(to, x.shape(), Elements.of(x).orElseThrow(WeightArithmetic::noNumbers));
  }

  private static IllegalArgumentException noNumbers() {
    return new IllegalArgumentException("expected numbers");
  }

  /** Along the rows of a matrix, or along a column or a vector. */
  private Tensor cumSum(Node node, Tensor... inputs) {
    long[] x = integers(inputs[0]);
    Shape shape = inputs[0].shape();
    long axis = integers(inputs[1])[0];
    boolean rows = axis == 1 && shape.rank() == 2;
    require(rows || axis == 0 && shape.elements() == shape.dim(0), "rows or a column");
    int length = (int) (rows ? shape.dim(1) : shape.dim(0));
    for (int i = 1; i < x.length; i++) {
      x[i] = i % length == 0 ? x[i] : Math.addExact(x[i], x[i - 1]);
    }
    return tensor(inputs[0].dataType(), shape, x);
  }

  private Tensor reshape(Node node, Tensor... inputs) {
    long[] dims = integers(inputs[1]);
    long known = 1;
    int open = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && open < 0) {
        open = i;
      } else {
        known = Math.multiplyExact(known, dims[i]);
      }
    }
    if (open >= 0) {
      dims[open] = inputs[0].shape().elements() / known;
    }
    Shape shape = Shape.of(dims);
    require(shape.elements() == inputs[0].shape().elements(), "as many elements as before");
    return new ArrayTensor(inputs[0].dataType(), shape, inputs[0].bytes());
  }

  private Tensor slice(Node node, Tensor... inputs) {
    long from = integers(inputs[1])[0];
    long to = integers(inputs[2])[0];
    Shape shape = inputs[0].shape();
    require(inputs.length == 3 && from == 0 && to >= 0 && to <= shape.dim(0), "a slice inside");
    long[] dims = shape.dims();
    dims[0] = to;
    Shape left = Shape.of(dims);
    int size = (int) inputs[0].dataType().byteSize(left.elements());
    return new ArrayTensor(inputs[0].dataType(), left, inputs[0].bytes().limit(size));
  }

  private Tensor constantOfShape(Node node, Tensor... inputs) {
    DataType type = DataType.FLOAT;
    if (node.attributes().get("value") instanceof Attribute.TensorAttribute value) {
      type = value.value().dataType();
      for (byte part : bytes(value.value())) {
        require(part == 0, "zeros");
      }
    }
    Shape shape = Shape.of(integers(inputs[0]));
    return new ArrayTensor(type, shape, room(type, shape));
  }

  private Tensor gather(Node node, Tensor... inputs) {
    require(node.intAttribute("axis", 0) == 0 && inputs[0].shape().rank() == 1, "a table");
    byte[] table = bytes(inputs[0]);
    int width = inputs[0].dataType().bits() / 8;
    long entries = inputs[0].shape().elements();
    ByteBuffer result = room(inputs[0].dataType(), inputs[1].shape());
    for (long index : integers(inputs[1])) {
      require(index >= 0 && index < entries, "codes below " + entries + ", got " + index);
      result.put(table, (int) index * width, width);
    }
    return new ArrayTensor(inputs[0].dataType(), inputs[1].shape(), result.flip());
  }

  /** ScatterND of single elements. */
  private Tensor scatter(Node node, Tensor... inputs) {
    Shape shape = inputs[0].shape();
    long[] indices = integers(inputs[1]);
    int rank = shape.rank();
    require(indices.length == inputs[2].shape().elements() * rank, "an index for each value");
    require(inputs[1].shape().dim(inputs[1].shape().rank() - 1) == rank, "whole indices");
    return put(inputs[0], inputs[2], i -> position(shape, indices, i * rank));
  }

  /** MaxUnpool of one row: its values, at their indices in a longer one of zeros. */
  private Tensor maxUnpool(Node node, Tensor... inputs) {
    Shape pooled = inputs[0].shape();
    List<Long> window = node.intsAttribute("kernel_shape").orElse(List.of());
    boolean row = pooled.rank() == 3 && pooled.dim(0) == 1 && pooled.dim(1) == 1;
    boolean plain = node.attributes().size() == 1 && inputs.length == 2 && window.size() == 1;
    require(row && plain && window.get(0) > 0, "one row");
    require(inputs[1].shape().equals(pooled), "an index for each value");
    Shape shape = Shape.of(1, 1, Math.addExact(pooled.dim(2) - 1, window.get(0)));
    DataType type = inputs[0].dataType();
    Tensor zeros = new ArrayTensor(type, shape, room(type, shape));
    long[] indices = integers(inputs[1]);
    return put(zeros, inputs[0], i -> position(shape, new long[] {0, 0, indices[i]}, 0));
  }

  /** ScatterElements along the rows of a matrix. */
  private Tensor scatterRows(Node node, Tensor... inputs) {
    Shape shape = inputs[0].shape();
    Shape entries = inputs[1].shape();
    boolean fits = shape.rank() == 2 && entries.rank() == 2 && entries.dim(0) == shape.dim(0);
    require(fits && node.intAttribute("axis", 0) == 1, "rows of a matrix");
    require(inputs[2].shape().equals(entries), "an index for each value");
    long[] columns = integers(inputs[1]);
    return put(
        inputs[0], inputs[2], i -> position(shape, new long[] {i / entries.dim(1), columns[i]}, 0));
  }

  /** The tensor with each value at its place; no place has two. */
  private Tensor put(Tensor before, Tensor values, IntUnaryOperator places) {
    DataType type = before.dataType();
    require(values.dataType() == type, "values of type " + type);
    byte[] updates = bytes(values);
    ByteBuffer result = room(type, before.shape()).put(before.bytes());
    BitSet written = new BitSet();
    int width = type.bits() / 8;
    for (int i = 0; i < values.shape().elements(); i++) {
      int position = places.applyAsInt(i);
      require(!written.get(position), "each position once, got " + position + " twice");
      written.set(position);
      result.put(position * width, updates, i * width, width);
    }
    return new ArrayTensor(type, before.shape(), result.flip());
  }

  private static int position(Shape shape, long[] indices, int at) {
    long position = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      long index = indices[at + axis];
      require(
          index >= 0 && index < shape.dim(axis), "positions inside of " + shape + ", got " + index);
      position = position * shape.dim(axis) + index;
    }
    return Math.toIntExact(position);
  }

  /** An operator on integers, whose second input is of the first's shape or is broadcast to it. */
  private static Rule broadcast(LongBinaryOperator operator) {
    return (arithmetic, node, inputs) -> {
      require(inputs[0].dataType() == inputs[1].dataType(), "inputs of one type");
      long[] a = integers(inputs[0]);
      long[] b = integers(inputs[1]);
      Shape shape = common(inputs[0].shape(), inputs[1].shape());
      arithmetic.room(DataType.INT64, shape);
      long[] result = new long[Math.toIntExact(shape.elements())];
      int[] ofA = steps(inputs[0].shape(), shape);
      int[] ofB = steps(inputs[1].shape(), shape);
      for (int i = 0; i < result.length; i++) {
        result[i] = operator.applyAsLong(a[source(i, shape, ofA)], b[source(i, shape, ofB)]);
      }
      return tensor(inputs[0].dataType(), shape, result);
    };
  }

  private static Shape common(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long one = i <= a.rank() ? a.dim(a.rank() - i) : 1;
      long other = i <= b.rank() ? b.dim(b.rank() - i) : 1;
      require(one == other || one == 1 || other == 1, "shapes that broadcast");
      dims[rank - i] = one == 1 ? other : one;
    }
    return Shape.of(dims);
  }

  /** How far the source moves with each axis of the result. */
  private static int[] steps(Shape source, Shape result) {
    int[] steps = new int[result.rank()];
    long step = 1;
    for (int i = 1; i <= source.rank(); i++) {
      long dim = source.dim(source.rank() - i);
      steps[result.rank() - i] = dim == 1 ? 0 : Math.toIntExact(step);
      step *= dim;
    }
    return steps;
  }

  private static int source(int index, Shape shape, int[] steps) {
    int at = 0;
    int rest = index;
    for (int axis = steps.length - 1; axis >= 0; axis--) {
      int dim = (int) shape.dim(axis);
      at += rest % dim * steps[axis];
      rest /= dim;
    }
    return at;
  }

  private static long quotient(long a, long b) {
    require(a >= 0 && b > 0, "numbers above zero");
    return a / b;
  }

  private static long remainder(long a, long b) {
    require(a >= 0 && b > 0, "numbers above zero");
    return a % b;
  }

  private static void require(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("expected " + expected);
    }
  }

  private static byte[] bytes(Tensor tensor) {
    ByteBuffer buffer = tensor.bytes();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static long[] integers(Tensor tensor) {
    ByteBuffer bytes = tensor.bytes();
    int count = Math.toIntExact(tensor.shape().elements());
    long[] numbers = new long[count];
    Arrays.setAll(
        numbers,
        switch (tensor.dataType()) {
          case UINT8 -> i -> bytes.get(i) & 0xff;
          case UINT16 -> i -> bytes.getShort(2 * i) & 0xffff;
          case INT32 -> i -> bytes.getInt(4 * i);
          case INT64 -> i -> bytes.getLong(8 * i);
          default -> throw new IllegalArgumentException("integers of type " + tensor.dataType());
        });
    return numbers;
  }

  private static Tensor tensor(DataType type, Shape shape, long[] numbers) {
    int width = type.bits() / 8;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(numbers.length, width))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long number : numbers) {
      Cells.put(bytes, width, number);
    }
    return new ArrayTensor(type, shape, bytes.flip());
  }
}
