package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import io.espalier.keras.Operations.One;
import io.espalier.keras.Operations.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Functions that put elements elsewhere, and products of matrices. */
final class ArrayOperations {
  static final Map<String, Rule> RULES = rules();

  private ArrayOperations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    rules.put("concatenate", (One) ArrayOperations::concatenate);
    rules.put("split", ArrayOperations::split);
    rules.put("unstack", ArrayOperations::unstack);
    rules.put("tile", (One) ArrayOperations::tile);
    rules.put("repeat", (One) ArrayOperations::repeat);
    rules.put("pad", (One) ArrayOperations::pad);
    rules.put("flip", (One) ArrayOperations::flip);
    rules.put("take", (One) ArrayOperations::take);
    rules.put("one_hot", (One) ArrayOperations::oneHot);
    rules.put("matmul", (One) ArrayOperations::matmul);
    rules.put("dot", (One) ArrayOperations::matmul);
    rules.put("einsum", (One) ArrayOperations::einsum);
    return rules;
  }

  private static KerasTensor concatenate(OperationCall call) {
    long axis = call.setting(1, "axis", "concat_dim").map(Json::integer).orElse(-1L);
    KerasTensor y = MergeLayers.concatenate(call.layer(), call.inputs(), axis);
    GraphDraft draft = call.layer().draft();
    if (y.rank() == 1 && call.inputs().stream().allMatch(x -> draft.contents(x) != null)) {
      draft.holds(
          y.value(),
          call.inputs().stream().flatMapToLong(x -> Arrays.stream(draft.contents(x))).toArray());
    }
    return y;
  }

  private static int axis(OperationCall call, KerasTensor x, long absent) {
    long said = call.setting(-1, "axis", "dimension").map(Json::integer).orElse(absent);
    int axis = Math.toIntExact(said < 0 ? said + x.rank() : said);
    if (axis < 0 || axis >= x.rank()) {
      throw call.layer().malformed("axis: expected one of " + x.shapeText() + ", got " + said);
    }
    return axis;
  }

  /** TensorFlow says how long the parts are, Keras where they begin; or both how many. */
  private static List<KerasTensor> split(OperationCall call) {
    KerasTensor given = call.x();
    KerasTensor x = given.layout().isFlat() ? call.layer().asPlain(given) : given;
    int axis = axis(call, x, 0);
    long size = call.layer().known(x, axis);
    Json sizes = call.setting(-1, "num_or_size_splits").orElse(null);
    long[] lengths;
    if (sizes != null) {
      lengths = sizes.isList() ? sizes.integers() : even(call, size, sizes.integer());
      long rest = size - Arrays.stream(lengths).filter(length -> length >= 0).sum();
      lengths = Arrays.stream(lengths).map(length -> length < 0 ? rest : length).toArray();
    } else {
      Json starts = call.setting(1, "indices_or_sections").orElseThrow();
      lengths =
          starts.isList() || starts.isObject()
              ? between(starts.integers(), size)
              : even(call, size, starts.integer());
    }
    if (Arrays.stream(lengths).anyMatch(length -> length < 0)
        || Arrays.stream(lengths).sum() != size) {
      throw call.layer().malformed("parts of " + Arrays.toString(lengths) + " of " + size);
    }
    return parts(call, x, axis, lengths);
  }

  private static List<KerasTensor> parts(
      OperationCall call, KerasTensor x, int axis, long[] lengths) {
    Ops ops = call.layer().ops();
    List<Value> values =
        ops.split(x.value(), x.layout().axisOf(axis), ops.ints(lengths), lengths.length);
    List<KerasTensor> parts = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      long[] dims = x.dims().clone();
      dims[axis] = lengths[i];
      parts.add(new KerasTensor(values.get(i), x.type(), dims, x.layout(), null));
    }
    return parts;
  }

  private static long[] even(OperationCall call, long size, long count) {
    if (count < 1 || size % count != 0) {
      throw call.layer().malformed(size + " elements cannot be split into " + count + " parts");
    }
    long[] lengths = new long[Math.toIntExact(count)];
    Arrays.fill(lengths, size / count);
    return lengths;
  }

  private static long[] between(long[] starts, long size) {
    long[] lengths = new long[starts.length + 1];
    long last = 0;
    for (int i = 0; i < starts.length; i++) {
      lengths[i] = starts[i] - last;
      last = starts[i];
    }
    lengths[starts.length] = size - last;
    return lengths;
  }

  private static List<KerasTensor> unstack(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    int axis = axis(call, x, 0);
    long size = call.layer().known(x, axis);
    return parts(call, x, axis, even(call, size, size)).stream()
        .map(part -> ShapeOperations.squeezed(call.layer(), part, axis))
        .toList();
  }

  private static KerasTensor tile(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long[] times = call.setting(1, "multiples", "repeats", "reps").orElseThrow().integers();
    if (times.length != x.rank() || Arrays.stream(times).anyMatch(n -> n < 1)) {
      throw call.layer().unsupported("repeats " + Arrays.toString(times) + " of " + x.shapeText());
    }
    long[] dims = new long[times.length];
    Arrays.setAll(dims, i -> x.dims()[i] < 0 ? -1 : Math.multiplyExact(x.dims()[i], times[i]));
    Value y = call.layer().ops().call("Tile", x.value(), call.layer().ops().ints(times));
    return KerasTensor.plain(y, x.type(), dims);
  }

  /** Each element several times along an axis. */
  private static KerasTensor repeat(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = layer.asPlain(call.x());
    long times = call.setting(1, "repeats", "rep").orElseThrow().integer();
    int axis = axis(call, x, 0);
    Ops ops = layer.ops();
    long[] tiles = new long[x.rank() + 1];
    Arrays.fill(tiles, 1);
    tiles[axis + 1] = times;
    Value tiled = ops.call("Tile", ops.unsqueeze(x.value(), axis + 1), ops.ints(tiles));
    long[] dims = x.dims().clone();
    dims[axis] = Math.multiplyExact(layer.known(x, axis), times);
    long[] shape = dims.clone();
    Arrays.setAll(shape, i -> i == axis ? dims[i] : 0);
    for (int i = axis + 1; i < shape.length; i++) {
      shape[i] = layer.known(x, i);
    }
    return KerasTensor.plain(ops.reshape(tiled, shape), x.type(), dims);
  }

  private static KerasTensor pad(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = call.x().layout().isFlat() ? layer.asPlain(call.x()) : call.x();
    List<Json> added = call.setting(1, "paddings", "pad_width").orElseThrow().items();
    if (added.size() != x.rank()) {
      throw layer.malformed("expected paddings of " + x.rank() + " axes, got " + added.size());
    }
    long[] pads = new long[2 * x.rank()];
    long[] dims = x.dims().clone();
    for (int axis = 0; axis < x.rank(); axis++) {
      long[] pair = added.get(axis).integers();
      int at = x.layout().axisOf(axis);
      pads[at] = pair[0];
      pads[x.rank() + at] = pair[pair.length - 1];
      dims[axis] = dims[axis] < 0 ? -1 : dims[axis] + pair[0] + pair[pair.length - 1];
    }
    String mode =
        call.setting(-1, "mode").map(Json::text).orElse("constant").toLowerCase(Locale.ROOT);
    if (!List.of("constant", "reflect", "edge").contains(mode)) {
      throw layer.unsupported("padding of mode '" + mode + "' has no operator");
    }
    double number =
        call.setting(-1, "constant_values").filter(Json::isNumber).map(Json::number).orElse(0.0);
    Ops ops = layer.ops();
    Map<String, Attribute> attributes =
        mode.equals("constant") ? Map.of() : Map.of("mode", Attribute.of(mode));
    Value y =
        number == 0
            ? ops.call("Pad", attributes, x.value(), ops.ints(pads))
            : ops.call("Pad", attributes, x.value(), ops.ints(pads), ops.scalar(x.type(), number));
    return new KerasTensor(y, x.type(), dims, x.layout(), null);
  }

  private static KerasTensor flip(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    Value y = x.value();
    long[] axes = call.setting(1, "axis", "dims").orElseThrow().integers();
    for (long axis : axes) {
      y =
          StepMask.reversed(
              call.layer().ops(), y, Math.toIntExact(axis < 0 ? axis + x.rank() : axis));
    }
    return x.with(y);
  }

  private static KerasTensor take(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor x = layer.asPlain(call.tensor(call.x(), 0, "x", "params"));
    KerasTensor whole = KerasTensor.plain(null, DataType.INT64);
    KerasTensor indices = layer.asPlain(call.tensor(whole, 1, "indices"));
    if (call.setting(-1, "batch_dims").map(Json::integer).orElse(0L) != 0) {
      throw layer.unsupported("batch_dims are not imported");
    }
    int axis = axis(call, x, 0);
    long[] dims = new long[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.dims(), 0, dims, 0, axis);
    System.arraycopy(indices.dims(), 0, dims, axis, indices.rank());
    System.arraycopy(x.dims(), axis + 1, dims, axis + indices.rank(), x.rank() - axis - 1);
    Ops ops = layer.ops();
    Value at = layer.draft().cast(indices, DataType.INT64, ops).value();
    return KerasTensor.plain(ops.gather(x.value(), at, axis), x.type(), dims);
  }

  private static KerasTensor oneHot(OperationCall call) {
    LayerContext layer = call.layer();
    long depth = call.setting(1, "depth", "num_classes").orElseThrow().integer();
    KerasTensor x = layer.draft().cast(layer.asPlain(call.x()), DataType.INT64, layer.ops());
    boolean last = call.setting(-1, "axis").map(Json::integer).orElse(-1L) == -1;
    if (!last) {
      throw layer.unsupported("one_hot along an axis that is not the last is not imported");
    }
    return CategoryLayers.rows(layer, x, depth);
  }

  private static KerasTensor matmul(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor a = layer.asPlain(call.tensor(call.x(), 0, "x1", "a", "x"));
    KerasTensor b = layer.asPlain(call.tensor(call.x(), 1, "x2", "b", "y"));
    a = turned(call, "transpose_a", "adjoint_a", "adj_x") ? layer.asPlain(lastTurned(a)) : a;
    b = turned(call, "transpose_b", "adjoint_b", "adj_y") ? layer.asPlain(lastTurned(b)) : b;
    if (a.rank() < 2 || b.rank() < 2) {
      throw layer.unsupported("products with vectors are not imported");
    }
    KerasTensor wide = a.rank() >= b.rank() ? a : b;
    long[] dims = wide.dims().clone();
    dims[dims.length - 2] = a.dim(-2);
    dims[dims.length - 1] = b.dim(-1);
    return KerasTensor.plain(layer.ops().matMul(a.value(), b.value()), a.type(), dims);
  }

  private static boolean turned(OperationCall call, String... names) {
    return call.setting(-1, names).map(Json::flag).orElse(false);
  }

  private static KerasTensor lastTurned(KerasTensor x) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    order[x.rank() - 1] = x.rank() - 2;
    order[x.rank() - 2] = x.rank() - 1;
    return ReshapingLayers.view(x, order);
  }

  private static KerasTensor einsum(OperationCall call) {
    LayerContext layer = call.layer();
    String equation =
        call.setting(0, "subscripts", "equation").orElseThrow().text().replace(" ", "");
    String[] sides = equation.split("->|,");
    List<KerasTensor> operands = layer.allTensors().stream().map(layer::asPlain).toList();
    boolean fits = equation.contains("->") && sides.length == operands.size() + 1;
    if (!fits || equation.contains(".")) {
      throw layer.unsupported("the equation " + equation + " is not imported");
    }
    Map<Character, Long> sizes = new TreeMap<>();
    for (int i = 0; i < operands.size(); i++) {
      for (int axis = 0; axis < sides[i].length(); axis++) {
        sizes.put(
            sides[i].charAt(axis), layer.requireRank(operands.get(i), sides[i].length()).dim(axis));
      }
    }
    long[] dims = sides[sides.length - 1].chars().mapToLong(c -> sizes.get((char) c)).toArray();
    Value y =
        layer
            .ops()
            .call(
                "Einsum",
                Map.of("equation", Attribute.of(equation)),
                operands.stream().map(KerasTensor::value).toArray(Value[]::new));
    return KerasTensor.plain(y, operands.get(0).type(), dims);
  }
}
