package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Products with what comes behind them, and activations. */
final class FusedForms {
  static final Map<String, StandardForm> FORMS =
      Map.ofEntries(
          entry("com.microsoft.BiasGelu", (u, ops) -> List.of(gelu(ops, biased(u, ops), "none"))),
          entry("com.microsoft.FastGelu", (u, ops) -> List.of(gelu(ops, biased(u, ops), "tanh"))),
          entry("com.microsoft.FusedConv", FusedForms::conv),
          entry("com.microsoft.FusedGemm", FusedForms::gemm),
          entry("com.microsoft.FusedMatMul", FusedForms::matMul),
          entry("com.microsoft.Gelu", (u, ops) -> List.of(gelu(ops, u.x(), "none"))),
          entry("Swish", (u, ops) -> swish(u, ops, 1)),
          entry("com.microsoft.QuickGelu", (u, ops) -> swish(u, ops, 1.702f)),
          entry("com.microsoft.TransposeMatMul", FusedForms::matMul));

  private FusedForms() {}

  private static Value gelu(Ops ops, Value x, String approximate) {
    return ops.call("Gelu", Map.of("approximate", Attribute.of(approximate)), x);
  }

  private static Value biased(Upgrade u, Ops ops) {
    return u.node().input(1).map(bias -> ops.add(u.x(), bias)).orElse(u.x());
  }

  /** x s(alpha x), s the sigmoid. */
  private static List<Value> swish(Upgrade u, Ops ops, float absent) {
    Value alpha = u.number(u.node().floatAttribute("alpha", absent));
    return List.of(ops.mul(u.x(), ops.sigmoid(ops.mul(u.x(), alpha))));
  }

  /** activation(Conv(x, w, b) + z). */
  private static List<Value> conv(Upgrade u, Ops ops) {
    Map<String, Attribute> own = without(u.node().attributes(), "activation");
    Value bias = u.node().input(2).orElse(null);
    Value y =
        bias == null
            ? ops.call("Conv", own, u.x(), u.input(1))
            : ops.call("Conv", own, u.x(), u.input(1), bias);
    if (u.node().input(3).isPresent()) {
      y = ops.add(y, u.input(3));
    }
    float[] parameters = u.has("activation_params") ? u.takeFloats("activation_params") : null;
    String activation = u.node().stringAttribute("activation", "");
    return List.of(
        switch (activation) {
          case "" -> y;
          case "Relu", "Sigmoid", "Tanh" -> ops.call(activation, y);
          case "LeakyRelu" -> ops.call(activation, Map.of("alpha", number(u, parameters, 0)), y);
          case "HardSigmoid" ->
              ops.call(
                  activation,
                  Map.of("alpha", number(u, parameters, 0), "beta", number(u, parameters, 1)),
                  y);
          case "Clip" -> clip(u, ops, y, parameters);
          default -> throw u.refuse("its activation is " + activation);
        });
  }

  private static Attribute number(Upgrade u, float[] parameters, int index) {
    if (parameters == null || parameters.length <= index) {
      throw u.refuse("expected " + (index + 1) + " activation_params");
    }
    return Attribute.of(parameters[index]);
  }

  private static Value clip(Upgrade u, Ops ops, Value x, float[] limits) {
    number(u, limits, 1);
    DataType type = u.dataType(u.x());
    return ops.call("Clip", x, ops.scalar(type, limits[0]), ops.scalar(type, limits[1]));
  }

  private static Map<String, Attribute> without(Map<String, Attribute> all, String prefix) {
    return all.entrySet().stream()
        .filter(entry -> !entry.getKey().startsWith(prefix))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** The parameters of the activation are attributes with a prefix: activation_alpha and so on. */
  private static List<Value> gemm(Upgrade u, Ops ops) {
    Map<String, Attribute> own = without(u.node().attributes(), "activation");
    Value[] inputs = u.node().inputs().toArray(Value[]::new);
    Value y = ops.call(OperatorId.of("Gemm"), own, 1, inputs).get(0);
    String activation = u.node().stringAttribute("activation", "");
    String prefix = "activation_";
    Map<String, Attribute> parameters = new HashMap<>();
    u.node()
        .attributes()
        .forEach(
            (name, value) -> {
              if (name.startsWith(prefix)) {
                parameters.put(name.substring(prefix.length()), value);
              }
            });
    return List.of(activation.isEmpty() ? y : ops.call(activation, parameters, y));
  }

  /** alpha A B, each transposed first if so asked. */
  private static List<Value> matMul(Upgrade u, Ops ops) {
    Value product = ops.matMul(transposed(u, ops, 0, "A"), transposed(u, ops, 1, "B"));
    float alpha = u.node().floatAttribute("alpha", 1);
    return List.of(alpha == 1 ? product : ops.mul(product, u.number(alpha)));
  }

  /** transBatch puts axis 0 behind the other axes of the batch, trans swaps the last two then. */
  private static Value transposed(Upgrade u, Ops ops, int index, String operand) {
    boolean last = u.node().intAttribute("trans" + operand, 0) != 0;
    boolean batch = u.node().intAttribute("transBatch" + operand, 0) != 0;
    Value x = u.input(index);
    if (!last && !batch) {
      return x;
    }
    int rank = u.rank(x);
    if (rank < 2) {
      return x;
    }
    long[] order = LongStream.range(0, rank).toArray();
    if (batch) {
      System.arraycopy(order, 1, order, 0, rank - 2);
      order[rank - 2] = 0;
    }
    if (last) {
      long swapped = order[rank - 1];
      order[rank - 1] = order[rank - 2];
      order[rank - 2] = swapped;
    }
    return ops.transpose(x, order);
  }
}
