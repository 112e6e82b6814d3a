package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Puts plain operators of opset {@link Ops#OPSET} in the place of operators that onnxruntime's
 * optimizer and its exporters made of several: those have gradient rules. Results agree up to
 * rounding.
 */
public final class Unfusing implements Pass {
  private static final Map<String, OperatorChange.Rule> RULES =
      Map.ofEntries(
          entry("SimplifiedLayerNormalization", u -> simplified(u, u.x(), 1)),
          entry("com.microsoft.Attention", UnfusedAttention::selfAttention),
          entry("com.microsoft.BiasGelu", Unfusing::biasGelu),
          entry("com.microsoft.EmbedLayerNormalization", Unfusing::embedding),
          entry("com.microsoft.FastGelu", Unfusing::fastGelu),
          entry("com.microsoft.FusedConv", Unfusing::conv),
          entry("com.microsoft.FusedGemm", Unfusing::gemm),
          entry("com.microsoft.FusedMatMul", Unfusing::matMul),
          entry("com.microsoft.MultiHeadAttention", UnfusedAttention::multiHead),
          entry("com.microsoft.SkipLayerNormalization", Unfusing::skipNormalization),
          entry("com.microsoft.SkipSimplifiedLayerNormalization", Unfusing::skipSimplified),
          entry("com.microsoft.TransposeMatMul", Unfusing::matMul));

  private static final int SUM_OUTPUT = 3;

  private final Types types;

  /** For a model whose values {@code types} knows. */
  public Unfusing(Types types) {
    this.types = types;
  }

  /** Whether a node is of an operator that is replaced. */
  public static boolean handles(Node node) {
    return RULES.containsKey(node.operator().toString());
  }

  /** The operators that are replaced, sorted. */
  public static Set<String> operators() {
    return new TreeSet<>(RULES.keySet());
  }

  @Override
  public PassResult run(Model model) {
    List<Refusal> refusals = new ArrayList<>();
    Graph graph = model.graph();
    int changes = 0;
    for (Node node : List.copyOf(graph.nodes())) {
      if (handles(node)) {
        String label = node.label();
        try {
          RULES.get(node.operator().toString()).apply(new Upgrade(node, new Ops(graph), types));
          changes++;
        } catch (RefusedException e) {
          refusals.add(new Refusal(label, "stays as it is: " + e.getMessage()));
        }
      }
    }
    return new PassResult(changes, refusals);
  }

  /** Requires that outputs from {@code first} on are not used. */
  static void requireUnused(Upgrade u, int first) {
    List<Value> outputs = u.node().outputs();
    for (int i = first; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      if (output != null && (!output.uses().isEmpty() || output.isGraphOutput())) {
        throw u.refuse("its output " + i + " is used");
      }
    }
  }

  /** Puts one node, with attributes, in the place of the node with its first output. */
  static void become(Upgrade u, String opType, Map<String, Attribute> attributes, Value... inputs) {
    u.become(opType, u.node().outputs().subList(0, 1), inputs);
    attributes.forEach(u.node()::setAttribute);
  }

  private static void biasGelu(Upgrade u) {
    Value sum = u.ops().add(u.x(), u.input(1));
    become(u, "Gelu", Map.of(), sum);
  }

  private static void fastGelu(Upgrade u) {
    Value x = u.node().input(1).map(bias -> u.ops().add(u.x(), bias)).orElse(u.x());
    become(u, "Gelu", Map.of("approximate", Attribute.of("tanh")), x);
  }

  private static Map<String, Attribute> without(Node node, String... names) {
    Map<String, Attribute> attributes = new HashMap<>(node.attributes());
    attributes.keySet().removeAll(new HashSet<>(List.of(names)));
    return attributes;
  }

  private static void activate(Upgrade u, Value x, String activation, float alpha, float beta) {
    Map<String, Attribute> attributes = new HashMap<>();
    if (Set.of("LeakyRelu", "Elu", "HardSigmoid", "ThresholdedRelu").contains(activation)) {
      attributes.put("alpha", Attribute.of(alpha));
    }
    if (activation.equals("HardSigmoid")) {
      attributes.put("beta", Attribute.of(beta));
    }
    if (activation.equals("Clip")) {
      Value low = u.ops().scalar(u.dataType(u.x()), alpha);
      Value high = u.ops().scalar(u.dataType(u.x()), beta);
      become(u, "Clip", Map.of(), x, low, high);
    } else {
      become(u, activation.isEmpty() ? "Identity" : activation, attributes, x);
    }
  }

  private static void conv(Upgrade u) {
    Node node = u.node();
    String activation = node.stringAttribute("activation", "");
    List<Float> numbers =
        node.attributes().get("activation_params") instanceof Attribute.FloatsAttribute floats
            ? floats.value()
            : List.of();
    List<Value> inputs = node.inputs().subList(0, Math.min(3, node.inputs().size()));
    Value y =
        u.ops()
            .call(
                "Conv",
                without(node, "activation", "activation_params"),
                inputs.toArray(Value[]::new));
    Value sum = node.input(3).map(z -> u.ops().add(y, z)).orElse(y);
    float alpha = numbers.isEmpty() ? 0.01f : numbers.get(0);
    activate(u, sum, activation, alpha, numbers.size() > 1 ? numbers.get(1) : 0.5f);
  }

  private static void gemm(Upgrade u) {
    Node node = u.node();
    String activation = node.stringAttribute("activation", "");
    Map<String, Attribute> attributes =
        without(node, "activation", "activation_alpha", "activation_beta", "activation_gamma");
    Value y = u.ops().call("Gemm", attributes, node.inputs().toArray(Value[]::new));
    float alpha = node.floatAttribute("activation_alpha", 0.01f);
    activate(u, y, activation, alpha, node.floatAttribute("activation_beta", 0.5f));
  }

  private static void matMul(Upgrade u) {
    Node node = u.node();
    if (node.intAttribute("transBatchA", 0) != 0 || node.intAttribute("transBatchB", 0) != 0) {
      throw u.refuse("it transposes the batch");
    }
    Value a = turned(u, u.x(), node.intAttribute("transA", 0) != 0);
    Value b = turned(u, u.input(1), node.intAttribute("transB", 0) != 0);
    float alpha = node.floatAttribute("alpha", 1);
    if (alpha == 1) {
      become(u, "MatMul", Map.of(), a, b);
    } else {
      Value factor = u.ops().scalar(u.dataType(u.x()), alpha);
      become(u, "Mul", Map.of(), u.ops().matMul(a, b), factor);
    }
  }

  /** With the last two axes in turn. */
  private static Value turned(Upgrade u, Value x, boolean turn) {
    if (!turn || u.rank(x) < 2) {
      return x;
    }
    long[] axes = LongStream.range(0, u.rank(x)).toArray();
    axes[axes.length - 1]--;
    axes[axes.length - 2]++;
    return u.ops().transpose(x, axes);
  }

  private static void normalize(Upgrade u, Value x, int scale, int bias) {
    Map<String, Attribute> attributes =
        Map.of("epsilon", Attribute.of(u.node().floatAttribute("epsilon", 1e-12f)));
    Value shift = u.node().input(bias).orElse(null);
    if (shift == null) {
      become(u, "LayerNormalization", attributes, x, u.input(scale));
    } else {
      become(u, "LayerNormalization", attributes, x, u.input(scale), shift);
    }
  }

  /** x by the root of its mean square, times a scale. */
  private static void simplified(Upgrade u, Value x, int scale) {
    requireUnused(u, 1);
    long axis = u.node().intAttribute("axis", -1);
    long rank = axis < 0 ? 0 : u.rank(x);
    long[] axes = LongStream.range(axis, rank).toArray();
    Ops ops = u.ops();
    Value epsilon = ops.scalar(u.dataType(x), u.node().floatAttribute("epsilon", 1e-5f));
    Value mean = ops.reduceMean(ops.mul(x, x), axes, true);
    Value normal = ops.div(x, ops.sqrt(ops.add(mean, epsilon)));
    become(u, "Mul", Map.of(), normal, u.input(scale));
  }

  /** The sum of the input and what skips it; it is an output of the node itself too. */
  private static Value skipSum(Upgrade u, int bias) {
    for (int i = 1; i < SUM_OUTPUT; i++) {
      int statistic = i;
      standFor(
          u,
          i,
          () -> {
            throw u.refuse("its output " + statistic + " is used");
          });
    }
    Value sum = u.ops().add(u.x(), u.input(1));
    Value last = u.node().input(bias).map(b -> u.ops().add(sum, b)).orElse(sum);
    standFor(u, SUM_OUTPUT, () -> last);
    return last;
  }

  private static void skipNormalization(Upgrade u) {
    normalize(u, skipSum(u, 4), 2, 3);
  }

  private static void skipSimplified(Upgrade u) {
    simplified(u, skipSum(u, 3), 2);
  }

  /** Words, positions and segments, each embedded, summed and normalized. */
  private static void embedding(Upgrade u) {
    requireUnused(u, 2);
    Ops ops = u.ops();
    standFor(u, 1, () -> lengths(u));
    Value words = ops.gather(u.input(2), u.x(), 0);
    Value position =
        u.node()
            .input(8)
            .map(ids -> ops.gather(u.input(3), ids, 0))
            .orElseGet(() -> leading(u, u.input(3)));
    Value sum = ops.add(words, position);
    if (u.node().input(4).isPresent() && u.node().input(1).isPresent()) {
      sum = ops.add(sum, ops.gather(u.input(4), u.input(1), 0));
    }
    normalize(u, sum, 5, 6);
  }

  /** How many positions of each sample the mask leaves; 0 without one. */
  private static Value lengths(Upgrade u) {
    Ops ops = u.ops();
    return u.node()
        .input(7)
        .map(mask -> ops.cast(ops.reduceSum(mask, new long[] {1}, false), DataType.INT32))
        .orElseGet(() -> ops.filled(ops.shape(u.x(), 0, 1), DataType.INT32, 0));
  }

  /** Lets another value stand for an output beyond the first. */
  private static void standFor(Upgrade u, int index, Supplier<Value> by) {
    List<Value> outputs = u.node().outputs();
    Value output = index < outputs.size() ? outputs.get(index) : null;
    if (output != null && output.isGraphOutput()) {
      throw u.refuse("its output " + index + " is an output of the model");
    }
    if (output != null && !output.uses().isEmpty()) {
      output.replaceUsesWith(by.get());
    }
  }

  /** As many rows as the sequence is long. */
  private static Value leading(Upgrade u, Value rows) {
    Ops ops = u.ops();
    return ops.call("Slice", rows, ops.ints(0), ops.shape(u.x(), 1, 2), ops.ints(0));
  }
}
