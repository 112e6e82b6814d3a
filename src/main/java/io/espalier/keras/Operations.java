package io.espalier.keras;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Functions on tensors that stand between layers: those of {@code keras.ops}, and of TensorFlow
 * where tf.keras wrote them down as {@code TFOpLambda}. One entry is one function.
 */
final class Operations {
  /** A function of a call. */
  @FunctionalInterface
  interface Rule {
    KerasTensor emit(OperationCall call);
  }

  static final Map<String, Rule> RULES = rules();

  /** Names in which TensorFlow's functions differ from Keras'. */
  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          entry("truediv", "divide"),
          entry("true_divide", "divide"),
          entry("real_div", "divide"),
          entry("div", "divide"),
          entry("sub", "subtract"),
          entry("mul", "multiply"),
          entry("add_v2", "add"),
          entry("bias_add", "add"),
          entry("pow", "power"),
          entry("neg", "negative"),
          entry("abs", "absolute"),
          entry("concat", "concatenate"),
          entry("reduce_mean", "mean"),
          entry("reduce_sum", "sum"),
          entry("reduce_max", "max"),
          entry("reduce_min", "min"),
          entry("mat_mul", "matmul"),
          entry("get_item", "getitem"),
          entry("clip_by_value", "clip"),
          entry("l2_normalize", "normalize"));

  private Operations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    Map.of(
            "add", "Add",
            "subtract", "Sub",
            "multiply", "Mul",
            "divide", "Div",
            "power", "Pow",
            "maximum", "Max",
            "minimum", "Min")
        .forEach((name, opType) -> rules.put(name, call -> binary(call, opType)));
    Map.of(
            "negative", "Neg",
            "exp", "Exp",
            "log", "Log",
            "sqrt", "Sqrt",
            "absolute", "Abs",
            "sin", "Sin",
            "cos", "Cos",
            "floor", "Floor",
            "erf", "Erf")
        .forEach(
            (name, opType) ->
                rules.put(
                    name,
                    call -> call.x().with(call.layer().ops().call(opType, call.x().value()))));
    Map.of("mean", "ReduceMean", "sum", "ReduceSum", "max", "ReduceMax", "min", "ReduceMin")
        .forEach((name, opType) -> rules.put(name, call -> reduce(call, opType)));
    for (String activation : Activations.names()) {
      rules.putIfAbsent(
          activation, call -> Activations.apply(call.layer(), call.x(), Json.of(activation)));
    }
    rules.put(
        "square",
        call -> call.x().with(call.layer().ops().mul(call.x().value(), call.x().value())));
    rules.put(
        "rsqrt",
        call ->
            call.x()
                .with(call.layer().ops().reciprocal(call.layer().ops().sqrt(call.x().value()))));
    rules.put("leaky_relu", Operations::leakyRelu);
    rules.put("gelu", Operations::gelu);
    rules.put("softmax", call -> softmax(call, "Softmax"));
    rules.put("log_softmax", call -> softmax(call, "LogSoftmax"));
    rules.put("clip", Operations::clip);
    rules.put("cast", Operations::cast);
    rules.put("concatenate", Operations::concatenate);
    rules.put("matmul", Operations::matmul);
    rules.put("reshape", Operations::reshape);
    rules.put("transpose", Operations::transpose);
    rules.put("expand_dims", Operations::expandDims);
    rules.put("squeeze", Operations::squeeze);
    rules.put("normalize", Operations::normalize);
    rules.put("getitem", Slicing::emit);
    rules.put("identity", OperationCall::x);
    rules.put("stop_gradient", OperationCall::x);
    rules.put("convert_to_tensor", OperationCall::x);
    return rules;
  }

  /** The rule for a name of Keras, or of TensorFlow, as in {@code math.truediv}. */
  static Rule rule(String name) {
    String last = SnakeCase.of(name.substring(name.lastIndexOf('.') + 1));
    return RULES.get(ALIASES.getOrDefault(last, last));
  }

  private static KerasTensor binary(OperationCall call, String opType) {
    LayerContext layer = call.layer();
    KerasTensor known = call.x();
    KerasTensor a = call.tensor(known, 0, "x1", "x", "a", "value");
    KerasTensor b = call.tensor(known, 1, "x2", "y", "b", "bias");
    if (opType.equals("Div") && !a.type().isFloat()) {
      a = layer.draft().cast(a, DataType.FLOAT, layer.ops());
    }
    if (a.rank() == 0 || b.rank() == 0) {
      KerasTensor shaped = a.rank() == 0 ? b : a;
      DataType type = a.type().isFloat() ? a.type() : b.type();
      Value x = layer.draft().cast(a, type, layer.ops()).value();
      Value y = layer.draft().cast(b, type, layer.ops()).value();
      return shaped.withType(layer.ops().call(opType, x, y), type);
    }
    Alignment aligned = Alignment.likeNumpy(layer, List.of(a, b));
    return aligned.result(
        layer.ops().call(opType, aligned.values().get(0), aligned.values().get(1)));
  }

  private static KerasTensor reduce(OperationCall call, String opType) {
    LayerContext layer = call.layer();
    KerasTensor x = call.x().layout().isFlat() ? layer.asPlain(call.x()) : call.x();
    long[] said =
        call.setting(1, "axis", "axes")
            .map(Json::integers)
            .orElse(IntStream.range(0, x.rank()).asLongStream().toArray());
    boolean keep = call.setting(-1, "keepdims", "keep_dims").map(Json::flag).orElse(false);
    long[] axes = Arrays.stream(said).map(axis -> axis < 0 ? axis + x.rank() : axis).toArray();
    long[] dims = x.dims().clone();
    for (long axis : axes) {
      dims[(int) axis] = keep ? 1 : -2;
    }
    long[] left = Arrays.stream(dims).filter(dim -> dim != -2).toArray();
    KerasTensor source = keep ? x : layer.asPlain(x);
    long[] physical =
        Arrays.stream(axes).map(axis -> source.layout().axisOf((int) axis)).sorted().toArray();
    Value y =
        layer
            .ops()
            .call(
                opType,
                Map.of("keepdims", Attribute.of(keep ? 1 : 0)),
                source.value(),
                layer.ops().ints(physical));
    return keep
        ? new KerasTensor(y, x.type(), left, x.layout(), null)
        : KerasTensor.plain(y, x.type(), left);
  }

  private static KerasTensor leakyRelu(OperationCall call) {
    double slope = call.setting(1, "negative_slope", "alpha").map(Json::number).orElse(0.2);
    return call.x().with(Activations.leaky(call.layer(), call.x().value(), slope));
  }

  /** Keras' function approximates by tanh unless told otherwise, TensorFlow's does not. */
  private static KerasTensor gelu(OperationCall call) {
    boolean approximate =
        call.setting(1, "approximate").map(Json::flag).orElse(call.layer().dialect().isThree());
    String how = approximate ? "tanh" : "none";
    return call.x()
        .with(
            call.layer()
                .ops()
                .call("Gelu", Map.of("approximate", Attribute.of(how)), call.x().value()));
  }

  private static KerasTensor softmax(OperationCall call, String opType) {
    int axis = (int) call.setting(1, "axis").map(Json::integer).orElse(-1L).longValue();
    return Activations.softmax(call.layer(), call.x(), opType, axis);
  }

  private static KerasTensor clip(OperationCall call) {
    double low = call.setting(1, "x_min", "clip_value_min").orElseThrow().number();
    double high = call.setting(2, "x_max", "clip_value_max").orElseThrow().number();
    return call.x().with(Activations.clip(call.layer(), call.x().value(), low, high));
  }

  private static KerasTensor cast(OperationCall call) {
    String name = call.setting(1, "dtype").map(Json::text).orElse("float32");
    return call.layer().draft().cast(call.x(), DataTypes.of(name), call.layer().ops());
  }

  private static KerasTensor concatenate(OperationCall call) {
    long axis = call.setting(1, "axis").map(Json::integer).orElse(-1L);
    return MergeLayers.concatenate(call.layer(), call.inputs(), axis);
  }

  private static KerasTensor matmul(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor a = layer.asPlain(call.tensor(call.x(), 0, "x1", "a"));
    KerasTensor b = layer.asPlain(call.tensor(call.x(), 1, "x2", "b"));
    boolean turnA = call.setting(-1, "transpose_a").map(Json::flag).orElse(false);
    boolean turnB = call.setting(-1, "transpose_b").map(Json::flag).orElse(false);
    a = turnA ? layer.asPlain(lastTurned(a)) : a;
    b = turnB ? layer.asPlain(lastTurned(b)) : b;
    KerasTensor wide = a.rank() >= b.rank() ? a : b;
    long[] dims = wide.dims().clone();
    dims[dims.length - 2] = a.dim(-2);
    dims[dims.length - 1] = b.dim(-1);
    return KerasTensor.plain(layer.ops().matMul(a.value(), b.value()), a.type(), dims);
  }

  private static KerasTensor lastTurned(KerasTensor x) {
    int[] order = IntStream.range(0, x.rank()).toArray();
    order[x.rank() - 1] = x.rank() - 2;
    order[x.rank() - 2] = x.rank() - 1;
    return ReshapingLayers.view(x, order);
  }

  private static KerasTensor reshape(OperationCall call) {
    long[] shape = call.setting(1, "newshape", "shape").orElseThrow().integers();
    if (shape.length == 0 || shape[0] > 0) {
      throw call.layer().unsupported("a shape that says the batch is not imported");
    }
    return ReshapingLayers.reshape(
        call.layer(), call.x(), Arrays.copyOfRange(shape, 1, shape.length));
  }

  private static KerasTensor transpose(OperationCall call) {
    KerasTensor x = call.x().layout().isFlat() ? call.layer().asPlain(call.x()) : call.x();
    int[] order =
        call.setting(1, "axes", "perm")
            .map(axes -> Arrays.stream(axes.integers()).mapToInt(Math::toIntExact).toArray())
            .orElse(IntStream.range(0, x.rank()).map(axis -> x.rank() - 1 - axis).toArray());
    return ReshapingLayers.view(x, order);
  }

  private static KerasTensor expandDims(OperationCall call) {
    Ops ops = call.layer().ops();
    KerasTensor x = call.layer().asPlain(call.x());
    long said = call.setting(1, "axis").orElseThrow().integer();
    int axis = Math.toIntExact(said < 0 ? said + x.rank() + 1 : said);
    long[] dims = new long[x.rank() + 1];
    for (int i = 0, from = 0; i < dims.length; i++) {
      dims[i] = i == axis ? 1 : x.dims()[from++];
    }
    return KerasTensor.plain(ops.unsqueeze(x.value(), axis), x.type(), dims);
  }

  private static KerasTensor squeeze(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long[] axes =
        call.setting(1, "axis")
            .map(Json::integers)
            .orElse(
                IntStream.range(1, x.rank())
                    .filter(axis -> x.dim(axis) == 1)
                    .asLongStream()
                    .toArray());
    long[] positive = Arrays.stream(axes).map(axis -> axis < 0 ? axis + x.rank() : axis).toArray();
    long[] dims =
        IntStream.range(0, x.rank())
            .filter(axis -> Arrays.stream(positive).noneMatch(gone -> gone == axis))
            .mapToLong(axis -> x.dims()[axis])
            .toArray();
    return KerasTensor.plain(call.layer().ops().squeeze(x.value(), positive), x.type(), dims);
  }

  private static KerasTensor normalize(OperationCall call) {
    KerasTensor x = call.layer().asPlain(call.x());
    long[] axes = call.setting(1, "axis").map(Json::integers).orElse(new long[] {-1});
    return x.with(NormLayers.unitLength(call.layer(), x.value(), axes));
  }
}
