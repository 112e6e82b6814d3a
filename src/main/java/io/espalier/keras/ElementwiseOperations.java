package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import io.espalier.keras.Operations.One;
import io.espalier.keras.Operations.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Functions of each element, or of elements at the same place, as numpy brings them together. */
final class ElementwiseOperations {
  static final Map<String, Rule> RULES = rules();

  private ElementwiseOperations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    Map.of("add", "Add", "subtract", "Sub", "multiply", "Mul", "divide", "Div", "power", "Pow")
        .forEach((name, opType) -> rules.put(name, (One) call -> binary(call, opType)));
    Map.of("maximum", "Max", "minimum", "Min")
        .forEach((name, opType) -> rules.put(name, (One) call -> binary(call, opType)));
    Map.of(
            "greater", "Greater",
            "greater_equal", "GreaterOrEqual",
            "less", "Less",
            "less_equal", "LessOrEqual",
            "equal", "Equal",
            "logical_and", "And",
            "logical_or", "Or",
            "logical_xor", "Xor")
        .forEach((name, opType) -> rules.put(name, (One) call -> compared(call, opType)));
    rules.put("not_equal", (One) call -> not(call.layer(), compared(call, "Equal")));
    rules.put("logical_not", (One) call -> not(call.layer(), bool(call.layer(), call.x())));
    Map.ofEntries(
            Map.entry("negative", "Neg"),
            Map.entry("exp", "Exp"),
            Map.entry("log", "Log"),
            Map.entry("sqrt", "Sqrt"),
            Map.entry("absolute", "Abs"),
            Map.entry("sin", "Sin"),
            Map.entry("cos", "Cos"),
            Map.entry("tan", "Tan"),
            Map.entry("floor", "Floor"),
            Map.entry("ceil", "Ceil"),
            Map.entry("round", "Round"),
            Map.entry("sign", "Sign"),
            Map.entry("reciprocal", "Reciprocal"),
            Map.entry("erf", "Erf"))
        .forEach(
            (name, op) -> rules.put(name, (One) call -> unary(call, (ops, x) -> ops.call(op, x))));
    rules.put("square", (One) call -> unary(call, (ops, x) -> ops.mul(x, x)));
    rules.put("rsqrt", (One) call -> unary(call, (ops, x) -> ops.reciprocal(ops.sqrt(x))));
    rules.put(
        "log1p", (One) call -> unary(call, (o, x) -> o.log(o.add(x, call.layer().number(1)))));
    rules.put(
        "expm1", (One) call -> unary(call, (o, x) -> o.sub(o.exp(x), call.layer().number(1))));
    rules.put("squared_difference", (One) ElementwiseOperations::squaredDifference);
    rules.put("divide_no_nan", (One) ElementwiseOperations::divideNoNan);
    rules.put("floor_divide", (One) ElementwiseOperations::floorDivide);
    rules.put("mod", (One) call -> binary(call, "Mod", Map.of("fmod", Attribute.of(0))));
    rules.put("add_n", (One) ElementwiseOperations::addAll);
    rules.put("where", (One) ElementwiseOperations::where);
    rules.put("clip", (One) ElementwiseOperations::clip);
    rules.put("cast", (One) ElementwiseOperations::cast);
    rules.put("leaky_relu", (One) ElementwiseOperations::leakyRelu);
    rules.put("relu", (One) ElementwiseOperations::relu);
    rules.put("gelu", (One) ElementwiseOperations::gelu);
    rules.put("zeros_like", (One) call -> like(call, 0));
    rules.put("ones_like", (One) call -> like(call, 1));
    return rules;
  }

  private static KerasTensor unary(OperationCall call, BiFunction<Ops, Value, Value> function) {
    return call.x().with(function.apply(call.layer().ops(), call.x().value()));
  }

  static KerasTensor first(OperationCall call) {
    return call.tensor(call.x(), 0, "x1", "x", "a", "value", "features", "scalar", "condition");
  }

  private static KerasTensor second(OperationCall call) {
    return call.tensor(call.x(), 1, "x2", "y", "b", "bias");
  }

  private static KerasTensor binary(OperationCall call, String opType) {
    return binary(call, opType, Map.of());
  }

  private static KerasTensor binary(
      OperationCall call, String opType, Map<String, Attribute> attributes) {
    KerasTensor a = first(call);
    KerasTensor b = second(call);
    if (opType.equals("Div") && !a.type().isFloat()) {
      a = call.layer().draft().cast(a, DataType.FLOAT, call.layer().ops());
    }
    return binary(call.layer(), opType, attributes, a, b);
  }

  static KerasTensor binary(
      LayerContext layer,
      String opType,
      Map<String, Attribute> attributes,
      KerasTensor a,
      KerasTensor b) {
    Ops ops = layer.ops();
    if (a.rank() == 0 || b.rank() == 0) {
      KerasTensor shaped = a.rank() == 0 ? b : a;
      DataType type = a.type().isFloat() || !b.type().isFloat() ? a.type() : b.type();
      Value x = layer.draft().cast(a, type, ops).value();
      Value y = layer.draft().cast(b, type, ops).value();
      return shaped.withType(ops.call(opType, attributes, x, y), type);
    }
    Alignment aligned = Alignment.likeNumpy(layer, List.of(a, b));
    return aligned.result(
        ops.call(opType, attributes, aligned.values().get(0), aligned.values().get(1)));
  }

  private static KerasTensor compared(OperationCall call, String opType) {
    boolean logical = opType.equals("And") || opType.equals("Or") || opType.equals("Xor");
    LayerContext layer = call.layer();
    KerasTensor a = logical ? bool(layer, first(call)) : first(call);
    KerasTensor b = logical ? bool(layer, second(call)) : second(call);
    KerasTensor y = binary(layer, opType, Map.of(), a, b);
    return y.withType(y.value(), DataType.BOOL).withMask(null);
  }

  private static KerasTensor bool(LayerContext layer, KerasTensor x) {
    return layer.draft().cast(x, DataType.BOOL, layer.ops());
  }

  private static KerasTensor not(LayerContext layer, KerasTensor x) {
    return x.with(layer.ops().not(x.value()));
  }

  private static KerasTensor squaredDifference(OperationCall call) {
    KerasTensor difference = binary(call, "Sub");
    Value d = difference.value();
    return difference.with(call.layer().ops().mul(d, d));
  }

  /** Zero where the divisor is. */
  private static KerasTensor divideNoNan(OperationCall call) {
    LayerContext layer = call.layer();
    Ops ops = layer.ops();
    KerasTensor divisor = second(call);
    Value zero = ops.equal(divisor.value(), layer.number(0));
    KerasTensor safe = divisor.with(ops.where(zero, layer.number(1), divisor.value()));
    KerasTensor kept = divisor.with(ops.where(zero, layer.number(0), layer.number(1)));
    KerasTensor quotient = binary(layer, "Div", Map.of(), first(call), safe);
    return binary(layer, "Mul", Map.of(), quotient, kept);
  }

  private static KerasTensor floorDivide(OperationCall call) {
    KerasTensor quotient = binary(call.layer(), "Div", Map.of(), first(call), second(call));
    return quotient.type().isFloat()
        ? quotient.with(call.layer().ops().call("Floor", quotient.value()))
        : quotient;
  }

  private static KerasTensor addAll(OperationCall call) {
    KerasTensor sum = call.inputs().get(0);
    for (KerasTensor term : call.inputs().subList(1, call.inputs().size())) {
      sum = binary(call.layer(), "Add", Map.of(), sum, term);
    }
    return sum;
  }

  private static KerasTensor where(OperationCall call) {
    LayerContext layer = call.layer();
    KerasTensor condition = bool(layer, layer.asPlain(call.tensor(call.x(), 0, "condition")));
    List<KerasTensor> tensors = new ArrayList<>();
    for (Argument argument : call.operands(1, "x1", "x", "t")) {
      tensors.addAll(argument.refs().isEmpty() ? List.of() : layer.tensors(argument));
    }
    for (Argument argument : call.operands(2, "x2", "y", "e")) {
      tensors.addAll(argument.refs().isEmpty() ? List.of() : layer.tensors(argument));
    }
    KerasTensor like =
        tensors.isEmpty()
            ? KerasTensor.plain(null, layer.type(), condition.dims())
            : tensors.get(0);
    KerasTensor yes = call.tensor(like, 1, "x1", "x", "t");
    KerasTensor no = call.tensor(like, 2, "x2", "y", "e");
    KerasTensor shaped = binary(layer, "Add", Map.of(), yes, no);
    KerasTensor whole =
        condition.rank() == 0 || shaped.rank() == 0
            ? shaped.rank() == 0 ? condition : shaped
            : KerasTensor.plain(
                null,
                shaped.type(),
                Alignment.likeNumpy(layer, List.of(condition, layer.asPlain(shaped))).broadcast());
    Value y =
        layer
            .ops()
            .where(
                condition.value(),
                layer.draft().cast(layer.asPlain(yes), shaped.type(), layer.ops()).value(),
                layer.draft().cast(layer.asPlain(no), shaped.type(), layer.ops()).value());
    return KerasTensor.plain(y, shaped.type(), whole.dims());
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

  private static KerasTensor leakyRelu(OperationCall call) {
    double slope = call.setting(1, "negative_slope", "alpha").map(Json::number).orElse(0.2);
    return call.x().with(Activations.leaky(call.layer(), call.x().value(), slope));
  }

  /** With the slope, limit and threshold that the backend's function of Keras 2 has. */
  private static KerasTensor relu(OperationCall call) {
    Json settings = Json.object();
    for (String name : List.of("alpha", "negative_slope", "max_value", "threshold")) {
      settings = settings.with(name, call.setting(-1, name).orElse(Json.of(0.0)));
    }
    if (call.setting(-1, "max_value").isEmpty()) {
      settings = settings.with("max_value", Json.of(Double.POSITIVE_INFINITY));
    }
    if (call.setting(-1, "negative_slope").isEmpty()) {
      settings = settings.with("negative_slope", settings.get("alpha"));
    }
    return ActivationLayers.relu(call.layer(), settings, call.x());
  }

  /** Keras' function approximates by tanh unless told otherwise, TensorFlow's does not. */
  private static KerasTensor gelu(OperationCall call) {
    boolean approximate =
        call.setting(1, "approximate").map(Json::flag).orElse(call.layer().dialect().isThree());
    String how = approximate ? "tanh" : "none";
    return unary(call, (ops, x) -> ops.call("Gelu", Map.of("approximate", Attribute.of(how)), x));
  }

  private static KerasTensor like(OperationCall call, double number) {
    Ops ops = call.layer().ops();
    return call.x().with(ops.filled(ops.shape(call.x().value()), call.x().type(), number));
  }
}
