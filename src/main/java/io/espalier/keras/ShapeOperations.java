package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import io.espalier.keras.Operations.One;
import io.espalier.keras.Operations.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Functions that give the same elements other axes, and shapes that are computed. */
final class ShapeOperations {
  static final Map<String, Rule> RULES = rules();

  private ShapeOperations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    rules.put("shape", (One) ShapeOperations::shape);
    rules.put("reshape", (One) ShapeOperations::reshape);
    rules.put("transpose", (One) ShapeOperations::transpose);
    rules.put("swapaxes", (One) ShapeOperations::swapAxes);
    rules.put("expand_dims", (One) ShapeOperations::expandDims);
    rules.put("squeeze", (One) ShapeOperations::squeeze);
    rules.put("stack", (One) ShapeOperations::stack);
    rules.put("broadcast_to", (One) ShapeOperations::broadcast);
    rules.put("flatten", (One) call -> reshaped(call.layer(), call.x(), -1, size(call)));
    return rules;
  }

  private static long size(OperationCall call) {
    return Arrays.stream(call.x().dims()).skip(1).reduce(1, Math::multiplyExact);
  }

  /** The dimensions as a tensor; what is known of them stays known. */
  private static KerasTensor shape(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    Value y = call.layer().ops().shape(x.value());
    call.layer().draft().holds(y, x.dims().clone());
    return KerasTensor.plain(y, DataType.INT64, x.rank());
  }

  private static KerasTensor reshape(OperationCall call) {
    Argument said = call.operand(1, "newshape", "shape", "target_shape").orElse(null);
    if (said == null || said.refs().isEmpty()) {
      long[] shape = call.setting(1, "newshape", "shape", "target_shape").orElseThrow().integers();
      return reshaped(call.layer(), call.x(), shape);
    }
    List<KerasTensor> parts = scalars(call.layer(), said);
    GraphDraft draft = call.layer().draft();
    List<Long> known = new ArrayList<>();
    for (KerasTensor part : parts) {
      long[] contents = draft.contents(part);
      long count = part.rank() == 0 ? 1 : part.dim(0);
      for (int i = 0; i < count; i++) {
        known.add(contents == null ? -1 : contents[i]);
      }
    }
    long[] shape = known.stream().mapToLong(dim -> dim).toArray();
    if (Arrays.stream(shape).filter(dim -> dim < 0).count() <= 1) {
      return reshaped(call.layer(), call.x(), shape);
    }
    Value y = call.layer().ops().reshape(call.layer().plain(call.x()), joined(call.layer(), parts));
    return KerasTensor.plain(y, call.x().type(), shape);
  }

  /** The numbers in an argument, those that are computed and those that are said. */
  private static List<KerasTensor> scalars(LayerContext layer, Argument argument) {
    if (argument instanceof Argument.Many many) {
      return many.items().stream().flatMap(item -> scalars(layer, item).stream()).toList();
    }
    if (argument instanceof Argument.Constant constant) {
      long number = constant.value().integer();
      Value value = layer.ops().scalar(DataType.INT64, number);
      layer.draft().holds(value, number);
      return List.of(KerasTensor.plain(value, DataType.INT64));
    }
    return layer.tensors(argument);
  }

  /** Whole numbers in a row, as int64 of rank 1. */
  private static Value joined(LayerContext layer, List<KerasTensor> parts) {
    Ops ops = layer.ops();
    List<Value> values = new ArrayList<>();
    for (KerasTensor part : parts) {
      Value whole = layer.draft().cast(layer.asPlain(part), DataType.INT64, ops).value();
      values.add(part.rank() == 0 ? ops.unsqueeze(whole, 0) : whole);
    }
    return values.size() == 1 ? values.get(0) : ops.concat(0, values);
  }

  /** A whole shape, batch included; a batch that is said is any where the rest fits a sample. */
  static KerasTensor reshaped(LayerContext layer, KerasTensor x, long... shape) {
    if (shape.length == 0) {
      throw layer.malformed("expected a shape of one axis or more");
    }
    long[] rest = Arrays.copyOfRange(shape, 1, shape.length);
    long open = Arrays.stream(rest).filter(dim -> dim < 0).count();
    boolean fits = open == 0 && x.isKnown() && product(rest) == product(sample(x));
    if (fits || shape[0] < 0 && open == 1 && x.isKnown()) {
      return ReshapingLayers.reshape(layer, x, rest);
    }
    Value y = layer.ops().reshape(layer.plain(x), shape);
    return KerasTensor.plain(y, x.type(), shape);
  }

  private static long[] sample(KerasTensor x) {
    return Arrays.copyOfRange(x.dims(), Math.min(1, x.rank()), x.rank());
  }

  private static long product(long[] dims) {
    return Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }

  private static KerasTensor transpose(OperationCall call) {
    KerasTensor x = call.x().layout().isFlat() ? call.layer().asPlain(call.x()) : call.x();
    int[] order =
        call.setting(1, "axes", "perm")
            .map(axes -> Arrays.stream(axes.integers()).mapToInt(Math::toIntExact).toArray())
            .orElse(IntStream.range(0, x.rank()).map(axis -> x.rank() - 1 - axis).toArray());
    return permuted(call, x, order);
  }

  private static KerasTensor permuted(OperationCall call, KerasTensor x, int[] said) {
    int[] order = Arrays.stream(said).map(axis -> axis < 0 ? axis + x.rank() : axis).toArray();
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, x.rank()).toArray())) {
      throw call.layer().malformed("axes: expected those of " + x.shapeText());
    }
    return ReshapingLayers.view(x, order);
  }

  private static KerasTensor swapAxes(OperationCall call) {
    KerasTensor x = call.x().layout().isFlat() ? call.layer().asPlain(call.x()) : call.x();
    int[] order = IntStream.range(0, x.rank()).toArray();
    int a = axis(call.setting(1, "axis1").orElseThrow(), x);
    int b = axis(call.setting(2, "axis2").orElseThrow(), x);
    order[a] = b;
    order[b] = a;
    return permuted(call, x, order);
  }

  private static int axis(Json said, KerasTensor x) {
    long axis = said.integer();
    return Math.toIntExact(axis < 0 ? axis + x.rank() : axis);
  }

  private static KerasTensor expandDims(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long said = call.setting(1, "axis", "dim").orElseThrow().integers()[0];
    int axis = Math.toIntExact(said < 0 ? said + x.rank() + 1 : said);
    long[] dims = new long[x.rank() + 1];
    for (int i = 0, from = 0; i < dims.length; i++) {
      dims[i] = i == axis ? 1 : x.dims()[from++];
    }
    return KerasTensor.plain(call.layer().ops().unsqueeze(x.value(), axis), x.type(), dims);
  }

  private static KerasTensor squeeze(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long[] axes =
        call.setting(1, "axis", "squeeze_dims")
            .map(Json::integers)
            .filter(said -> said.length > 0)
            .orElse(
                IntStream.range(1, x.rank())
                    .filter(axis -> x.dim(axis) == 1)
                    .asLongStream()
                    .toArray());
    return squeezed(call.layer(), x, axes);
  }

  static KerasTensor squeezed(LayerContext layer, KerasTensor x, long... axes) {
    long[] positive = Arrays.stream(axes).map(axis -> axis < 0 ? axis + x.rank() : axis).toArray();
    long[] dims =
        IntStream.range(0, x.rank())
            .filter(axis -> Arrays.stream(positive).noneMatch(gone -> gone == axis))
            .mapToLong(axis -> x.dims()[axis])
            .toArray();
    return KerasTensor.plain(layer.ops().squeeze(x.value(), positive), x.type(), dims);
  }

  /** Tensors side by side along a new axis; of numbers, a row. */
  private static KerasTensor stack(OperationCall call) {
    LayerContext layer = call.layer();
    Argument said = call.operand(0, "x", "values", "arrays").orElse(null);
    boolean numbers = said != null && call.inputs().stream().allMatch(x -> x.rank() == 0);
    if (numbers) {
      List<KerasTensor> parts = scalars(layer, said);
      Value row = joined(layer, parts);
      long[] known = new long[parts.size()];
      for (int i = 0; i < known.length; i++) {
        long[] contents = layer.draft().contents(parts.get(i));
        known[i] = contents == null ? -1 : contents[0];
      }
      layer.draft().holds(row, known);
      return KerasTensor.plain(row, DataType.INT64, parts.size());
    }
    KerasTensor first = call.inputs().get(0);
    long axis = call.setting(1, "axis").map(Json::integer).orElse(0L);
    int at = Math.toIntExact(axis < 0 ? axis + first.rank() + 1 : axis);
    Ops ops = layer.ops();
    List<Value> parts = call.inputs().stream().map(x -> ops.unsqueeze(layer.plain(x), at)).toList();
    long[] dims = new long[first.rank() + 1];
    for (int i = 0, from = 0; i < dims.length; i++) {
      dims[i] = i == at ? parts.size() : first.dims()[from++];
    }
    return KerasTensor.plain(
        parts.size() == 1 ? parts.get(0) : ops.concat(at, parts), first.type(), dims);
  }

  private static KerasTensor broadcast(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    Argument said = call.operand(1, "shape").orElse(null);
    Ops ops = call.layer().ops();
    if (said == null || said.refs().isEmpty()) {
      long[] shape = call.setting(1, "shape").orElseThrow().integers();
      long[] asked = Arrays.stream(shape).map(dim -> dim < 0 ? 1 : dim).toArray();
      return KerasTensor.plain(ops.expand(x.value(), ops.ints(asked)), x.type(), shape);
    }
    List<KerasTensor> parts = scalars(call.layer(), said);
    long[] dims = new long[parts.size() == 1 ? Math.toIntExact(parts.get(0).dim(0)) : parts.size()];
    Arrays.fill(dims, -1);
    return KerasTensor.plain(ops.expand(x.value(), joined(call.layer(), parts)), x.type(), dims);
  }
}
