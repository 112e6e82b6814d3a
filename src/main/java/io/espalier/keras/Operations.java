package io.espalier.keras;

import static java.util.Map.entry;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Functions on tensors that stand between layers: those of {@code keras.ops}, and of TensorFlow
 * where tf.keras wrote them down as {@code TFOpLambda} or {@code TensorFlowOpLayer}. One entry is
 * one function.
 */
final class Operations {
  /** A function of a call. */
  @FunctionalInterface
  interface Rule {
    List<KerasTensor> emit(OperationCall call);
  }

  /** A function with one result. */
  @FunctionalInterface
  interface One extends Rule {
    KerasTensor one(OperationCall call);

    @Override
    default List<KerasTensor> emit(OperationCall call) {
      return List.of(one(call));
    }
  }

  static final Map<String, Rule> RULES = rules();

  /** Names in which TensorFlow's functions differ from Keras'. */
  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          entry("truediv", "divide"),
          entry("true_divide", "divide"),
          entry("real_div", "divide"),
          entry("div", "divide"),
          entry("div_no_nan", "divide_no_nan"),
          entry("floordiv", "floor_divide"),
          entry("floor_div", "floor_divide"),
          entry("sub", "subtract"),
          entry("mul", "multiply"),
          entry("scalar_mul", "multiply"),
          entry("add_v2", "add"),
          entry("bias_add", "add"),
          entry("pow", "power"),
          entry("neg", "negative"),
          entry("abs", "absolute"),
          entry("inv", "reciprocal"),
          entry("concat", "concatenate"),
          entry("concat_v2", "concatenate"),
          entry("pack", "stack"),
          entry("unpack", "unstack"),
          entry("split_v", "split"),
          entry("reduce_mean", "mean"),
          entry("reduce_sum", "sum"),
          entry("reduce_max", "max"),
          entry("amax", "max"),
          entry("reduce_min", "min"),
          entry("amin", "min"),
          entry("reduce_prod", "prod"),
          entry("reduce_logsumexp", "logsumexp"),
          entry("reduce_any", "any"),
          entry("reduce_all", "all"),
          entry("reduce_variance", "var"),
          entry("reduce_std", "std"),
          entry("arg_max", "argmax"),
          entry("arg_min", "argmin"),
          entry("mat_mul", "matmul"),
          entry("batch_mat_mul", "matmul"),
          entry("batch_mat_mul_v2", "matmul"),
          entry("batch_matmul", "matmul"),
          entry("get_item", "getitem"),
          entry("strided_slice", "getitem"),
          entry("clip_by_value", "clip"),
          entry("l2_normalize", "normalize"),
          entry("select", "where"),
          entry("select_v2", "where"),
          entry("where_v2", "where"),
          entry("less_than", "less"),
          entry("greater_than", "greater"),
          entry("reverse", "flip"),
          entry("reverse_v2", "flip"),
          entry("mirror_pad", "pad"),
          entry("pad_v2", "pad"),
          entry("gather", "take"),
          entry("gather_v2", "take"),
          entry("shape_n", "shape"),
          entry("resize_images", "resize"),
          entry("resize_v2", "resize"),
          entry("avg_pool2d", "average_pool"),
          entry("avg_pool", "average_pool"),
          entry("max_pool2d", "max_pool"),
          entry("hard_swish", "hard_silu"),
          entry("exponential", "exp"),
          entry("ensure_shape", "identity"),
          entry("no_op", "identity"),
          entry("identity_n", "identity"));

  private Operations() {}

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new TreeMap<>();
    for (String activation : Activations.names()) {
      rules.put(
          activation, (One) call -> Activations.apply(call.layer(), call.x(), Json.of(activation)));
    }
    rules.putAll(ElementwiseOperations.RULES);
    rules.putAll(ReductionOperations.RULES);
    rules.putAll(ArrayOperations.RULES);
    rules.putAll(ShapeOperations.RULES);
    rules.putAll(ImageOperations.RULES);
    rules.put("getitem", (One) Slicing::emit);
    rules.put("identity", OperationCall::inputs);
    rules.put("stop_gradient", (One) OperationCall::x);
    rules.put("convert_to_tensor", (One) OperationCall::x);
    return Collections.unmodifiableMap(rules);
  }

  /** The rule for a name of Keras, or of TensorFlow, as in {@code math.truediv}; null if none. */
  static Rule rule(String name) {
    String last = SnakeCase.of(name.substring(name.lastIndexOf('.') + 1));
    return RULES.get(ALIASES.getOrDefault(last, last));
  }

  /** Calls a function by its name. */
  static List<KerasTensor> called(LayerContext layer, String name, List<KerasTensor> inputs) {
    Rule rule = rule(name);
    if (rule == null) {
      throw layer.unsupported(
          "the function '"
              + name
              + "' is not imported; rebuild the model with layers of Keras in its place, copy the"
              + " weights, and save that");
    }
    return rule.emit(new OperationCall(layer, inputs));
  }
}
