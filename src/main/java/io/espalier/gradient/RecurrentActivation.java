package io.espalier.gradient;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An activation of a recurrent node: a x + b of it, where f(c x + d) is the operator. The numbers
 * that a function takes come from the node's {@code activation_alpha} and {@code activation_beta},
 * in the order of the functions; absent ones are onnxruntime's.
 *
 * @param operator computes the function; absent for the function that is x itself
 * @param scale a factor of the result
 * @param inner a factor of the argument
 * @param offset added to the result
 */
record RecurrentActivation(
    Optional<String> operator,
    Map<String, Attribute> attributes,
    float scale,
    float inner,
    float offset) {

  /** What a function takes: alpha and beta if absent; NaN for one that it does not take. */
  private record Form(String operator, float alpha, float beta) {}

  private static final float NONE = Float.NaN;

  private static final Map<String, Form> FORMS =
      Map.ofEntries(
          entry("affine", new Form("Affine", 1, 0)),
          entry("elu", new Form("Elu", 1, NONE)),
          entry("hardsigmoid", new Form("HardSigmoid", 0.2f, 0.5f)),
          entry("leakyrelu", new Form("LeakyRelu", 0.01f, NONE)),
          entry("relu", new Form("Relu", NONE, NONE)),
          entry("scaledtanh", new Form("ScaledTanh", 1, 1)),
          entry("sigmoid", new Form("Sigmoid", NONE, NONE)),
          entry("softplus", new Form("Softplus", NONE, NONE)),
          entry("softsign", new Form("Softsign", NONE, NONE)),
          entry("tanh", new Form("Tanh", NONE, NONE)),
          entry("thresholdedrelu", new Form("ThresholdedRelu", 1, NONE)));

  /** The functions of a node in the order of its attribute, or {@code absent} per direction. */
  static List<RecurrentActivation> of(GradientContext g, List<String> absent, int directions) {
    List<String> names = names(g.node());
    for (int i = 0; i < directions && names(g.node()).isEmpty(); i++) {
      List<String> both = new ArrayList<>(i == 0 ? List.of() : names);
      both.addAll(absent);
      names = both;
    }
    Iterator<Float> alphas = floats(g.node(), "activation_alpha").iterator();
    Iterator<Float> betas = floats(g.node(), "activation_beta").iterator();
    List<RecurrentActivation> found = new ArrayList<>();
    for (String name : names) {
      Form form = FORMS.get(name.toLowerCase(Locale.ROOT));
      if (form == null) {
        throw g.refuse("its activation is '" + name + "'");
      }
      found.add(of(form.operator(), take(form.alpha(), alphas), take(form.beta(), betas)));
    }
    return found;
  }

  private static float take(float absent, Iterator<Float> given) {
    return !Float.isNaN(absent) && given.hasNext() ? given.next() : absent;
  }

  private static RecurrentActivation of(String operator, float alpha, float beta) {
    if (operator.equals("Affine")) {
      return new RecurrentActivation(Optional.empty(), Map.of(), alpha, 1, beta);
    }
    if (operator.equals("ScaledTanh")) {
      return new RecurrentActivation(Optional.of("Tanh"), Map.of(), alpha, beta, 0);
    }
    Map<String, Attribute> attributes = new HashMap<>();
    if (!Float.isNaN(alpha)) {
      attributes.put("alpha", Attribute.of(alpha));
    }
    if (!Float.isNaN(beta)) {
      attributes.put("beta", Attribute.of(beta));
    }
    return new RecurrentActivation(Optional.of(operator), attributes, 1, 1, 0);
  }

  private static List<String> names(Node node) {
    return node.attributes().get("activations") instanceof Attribute.StringsAttribute names
        ? names.value()
        : List.of();
  }

  private static List<Float> floats(Node node, String attribute) {
    return node.attributes().get(attribute) instanceof Attribute.FloatsAttribute floats
        ? floats.value()
        : List.of();
  }

  /** The function of {@code x}, and its derivative there. */
  record Curve(Value y, Value slope) {}

  /** The function of {@code x}. */
  Value of(GradientContext g, Ops ops, Value x) {
    Value y = operator.map(name -> ops.call(name, attributes, scaled(g, ops, x, inner))).orElse(x);
    Value result = scaled(g, ops, y, scale);
    return offset == 0 ? result : ops.add(result, g.number(offset));
  }

  /** The function of {@code x} with its derivative, which is what the operator's rule says. */
  Curve curve(GradientContext g, Ops ops, Value x) {
    if (operator.isEmpty()) {
      return new Curve(of(g, ops, x), g.number(scale));
    }
    Value y = ops.call(operator.get(), attributes, scaled(g, ops, x, inner));
    Node node = y.producer().orElseThrow();
    TensorType type = new TensorType(g.dataType(), Optional.empty());
    GradientContext inside =
        new GradientContext(
            node,
            ops,
            value -> Optional.of(type),
            Map.of(y, g.number(1)),
            Set.copyOf(node.inputs()),
            new HashSet<>());
    GradientRule rule = GradientRules.of(node.operator()).orElseThrow();
    Value slope = rule.body().emit(inside, ops).get(0);
    return new Curve(scaled(g, ops, y, scale), scaled(g, ops, slope, scale * inner));
  }

  private static Value scaled(GradientContext g, Ops ops, Value x, float factor) {
    return factor == 1 ? x : ops.mul(x, g.number(factor));
  }
}
