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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongBinaryOperator;
import java.util.stream.LongStream;

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
          Map.entry("ScatterND", WeightArithmetic::scatterSlices),
          Map.entry("MaxUnpool", WeightArithmetic::maxUnpool),
          Map.entry("ScatterElements", WeightArithmetic::scatterElements),
          Map.entry("Transpose", WeightArithmetic::transpose),
          Map.entry("Range", WeightArithmetic::range),
          Map.entry("Add", broadcast(Math::addExact)),
          Map.entry("BitShift", broadcast((a, b) -> b < 0 || b > 63 ? 0 : a >>> b)),
          Map.entry("Div", broadcast(WeightArithmetic::quotient)),
          Map.entry("Mod", broadcast(WeightArithmetic::remainder)),
          Map.entry("Mul", broadcast(Math::multiplyExact)));

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
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new MalformedModelException(node.opType() + ": its inputs do not fit", e);
    }
    known.put(value, result);
    return result;
  }

  /** Attributes that no rule reads have to be what is assumed. */
  private static void requireDefault(Node node, String name) {
    boolean plain =
        switch (name) {
          case "to", "axis", "value", "kernel_shape", "perm" -> true;
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
    if (x.dataType() == DataType.UINT4) {
      return tensor(to, x.shape(), integers(x));
    }
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
    require(axis == 0 || axis == 1, "axis 0 or 1");
    require(axis < shape.rank(), "a tensor with that axis");
    int length = Math.toIntExact(shape.dim((int) axis));
    int step = Math.toIntExact(shape.elements((int) axis + 1, shape.rank()));
    for (int i = step; i < x.length; i++) {
      x[i] = i / step % length == 0 ? x[i] : Math.addExact(x[i], x[i - step]);
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

  /** Out of a table, or out of each row of a matrix. */
  private Tensor gather(Node node, Tensor... inputs) {
    Shape table = inputs[0].shape();
    long axis = node.intAttribute("axis", 0);
    require(axis == table.rank() - 1 && axis <= 1, "a table, or rows of them");
    int width = inputs[0].dataType().bits() / 8;
    long entries = table.dim((int) axis);
    long[] indices = integers(inputs[1]);
    long[] dims = inputs[1].shape().dims();
    Shape shape = axis == 0 ? inputs[1].shape() : Shape.of(prefixed(table.dim(0), dims));
    ByteBuffer result = room(inputs[0].dataType(), shape);
    byte[] all = bytes(inputs[0]);
    for (long row = 0; row < (axis == 0 ? 1 : table.dim(0)); row++) {
      for (long index : indices) {
        require(index >= 0 && index < entries, "codes below " + entries + ", got " + index);
        result.put(all, Math.toIntExact((row * entries + index) * width), width);
      }
    }
    return new ArrayTensor(inputs[0].dataType(), shape, result.flip());
  }

  private static long[] prefixed(long first, long... dims) {
    long[] all = new long[dims.length + 1];
    all[0] = first;
    System.arraycopy(dims, 0, all, 1, dims.length);
    return all;
  }

  private Tensor scatterSlices(Node node, Tensor... inputs) {
    ByteBuffer room = room(inputs[0].dataType(), inputs[0].shape());
    ByteBuffer result = ScatterArithmetic.slices(room, inputs);
    return new ArrayTensor(inputs[0].dataType(), inputs[0].shape(), result);
  }

  private Tensor scatterElements(Node node, Tensor... inputs) {
    ByteBuffer room = room(inputs[0].dataType(), inputs[0].shape());
    int axis = (int) node.intAttribute("axis", 0);
    ByteBuffer result = ScatterArithmetic.elements(room, axis, inputs);
    return new ArrayTensor(inputs[0].dataType(), inputs[0].shape(), result);
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
    ByteBuffer result =
        ScatterArithmetic.elements(room(type, shape), 2, zeros, inputs[1], inputs[0]);
    return new ArrayTensor(type, shape, result);
  }

  private Tensor transpose(Node node, Tensor... inputs) {
    Shape shape = inputs[0].shape();
    long[] order =
        node.intsAttribute("perm").orElseThrow(WeightArithmetic::noNumbers).stream()
            .mapToLong(Long::longValue)
            .toArray();
    long[] axes = LongStream.range(0, shape.rank()).toArray();
    require(Arrays.equals(Arrays.stream(order).sorted().toArray(), axes), "each axis once");
    long[] dims = new long[order.length];
    long[] strides = new long[order.length];
    for (int axis = 0; axis < order.length; axis++) {
      dims[axis] = shape.dim((int) order[axis]);
      strides[axis] = shape.elements((int) order[axis] + 1, shape.rank());
    }
    Shape moved = Shape.of(dims);
    long[] x = integers(inputs[0]);
    long[] result = new long[x.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = x[source(i, moved, strides)];
    }
    return tensor(inputs[0].dataType(), moved, result);
  }

  private Tensor range(Node node, Tensor... inputs) {
    long from = integers(inputs[0])[0];
    long to = integers(inputs[1])[0];
    long step = integers(inputs[2])[0];
    require(step > 0 && from >= 0 && from <= to, "steps upwards");
    Shape shape = Shape.of((to - from + step - 1) / step);
    room(DataType.INT64, shape);
    long[] numbers = LongStream.range(0, shape.elements()).map(i -> from + i * step).toArray();
    return tensor(inputs[0].dataType(), shape, numbers);
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
      long[] ofA = steps(inputs[0].shape(), shape);
      long[] ofB = steps(inputs[1].shape(), shape);
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
  private static long[] steps(Shape source, Shape result) {
    long[] steps = new long[result.rank()];
    long step = 1;
    for (int i = 1; i <= source.rank(); i++) {
      long dim = source.dim(source.rank() - i);
      steps[result.rank() - i] = dim == 1 ? 0 : step;
      step *= dim;
    }
    return steps;
  }

  private static int source(int index, Shape shape, long[] steps) {
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

  static void require(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("expected " + expected);
    }
  }

  static byte[] bytes(Tensor tensor) {
    ByteBuffer buffer = tensor.bytes();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  static long[] integers(Tensor tensor) {
    ByteBuffer bytes = tensor.bytes();
    int count = Math.toIntExact(tensor.shape().elements());
    long[] numbers = new long[count];
    Arrays.setAll(
        numbers,
        switch (tensor.dataType()) {
          case UINT4 -> i -> bytes.get(i / 2) >> 4 * (i % 2) & 0xf;
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
