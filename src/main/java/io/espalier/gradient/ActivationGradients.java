package io.espalier.gradient;

import static io.espalier.gradient.ElementwiseGradients.oneMinusSquare;
import static io.espalier.gradient.ElementwiseGradients.onePlus;
import static io.espalier.gradient.ElementwiseGradients.square;
import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * Gradients of activation functions. Where the output tells the slope, the input is not touched: it
 * may then be fused into the operator before.
 */
final class ActivationGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry(
              "Relu",
              each(
                  (g, ops) ->
                      g.isZeroBehindRelu() ? g.dy() : ops.mul(g.dy(), positive(g, ops, g.y())))),
          entry("LeakyRelu", each(ActivationGradients::leakyRelu)),
          entry("PRelu", each(ActivationGradients::pRelu, ActivationGradients::slope).broadcasts()),
          entry("ThresholdedRelu", each((g, ops) -> ops.mul(g.dy(), g.mask(notZero(g, ops))))),
          entry(
              "Shrink",
              each(
                  (g, ops) ->
                      ops.mul(
                          g.dy(),
                          g.mask(
                              ops.greater(
                                  ops.call("Abs", g.x()),
                                  g.number(g.node().floatAttribute("lambd", 0.5f))))))),
          entry("Elu", each((g, ops) -> exponential(g, ops, 1, alpha(g, 1)))),
          entry("Selu", each(ActivationGradients::selu)),
          // for x < 0: exp(x / alpha) = y / alpha + 1
          entry(
              "Celu",
              each(
                  (g, ops) ->
                      branch(g, ops, 1, onePlus(g, ops, ops.div(g.y(), g.number(alpha(g, 1))))))),
          entry(
              "Sigmoid",
              each((g, ops) -> ops.mul(g.dy(), ops.mul(g.y(), ops.sub(g.number(1), g.y()))))),
          entry("Tanh", each((g, ops) -> ops.mul(g.dy(), oneMinusSquare(g, ops, g.y())))),
          entry("Softplus", each((g, ops) -> ops.mul(g.dy(), ops.sigmoid(g.x())))),
          // 1 / (1 + |x|)^2
          entry(
              "Softsign",
              each(
                  (g, ops) ->
                      ops.div(g.dy(), square(ops, onePlus(g, ops, ops.call("Abs", g.x())))))),
          entry(
              "HardSigmoid",
              each(
                  (g, ops) ->
                      ops.mul(
                          ops.mul(g.dy(), g.number(alpha(g, 0.2f))),
                          between(g, ops, g.y(), g.number(0), g.number(1))))),
          entry("HardSwish", each(ActivationGradients::hardSwish)),
          entry("Mish", each(ActivationGradients::mish)),
          entry("Gelu", each(ActivationGradients::gelu)),
          entry("com.microsoft.Gelu", each(ActivationGradients::gelu)),
          entry("com.microsoft.QuickGelu", each(ActivationGradients::quickGelu)),
          entry(
              "Clip",
              each(
                      ActivationGradients::clip,
                      (g, ops) -> ops.mul(g.dy(), g.mask(belowLeast(g, ops))),
                      (g, ops) -> ops.mul(g.dy(), g.mask(ops.greater(atLeast(g, ops), g.x(2)))))
                  .broadcasts()),
          entry("Dropout", each(ActivationGradients::dropout)));

  private ActivationGradients() {}

  /** Where a Clip gives its minimum; beyond the maximum it gives that even so. */
  private static Value belowLeast(GradientContext g, Ops ops) {
    Value below = ops.less(g.x(), g.x(1));
    return g.has(2) ? ops.and(below, ops.less(g.x(1), g.x(2))) : below;
  }

  private static Value atLeast(GradientContext g, Ops ops) {
    return g.has(1) ? ops.call("Max", g.x(), g.x(1)) : g.x();
  }

  private static double alpha(GradientContext g, float absent) {
    return g.node().floatAttribute("alpha", absent);
  }

  private static Value positive(GradientContext g, Ops ops, Value x) {
    return g.mask(ops.greater(x, g.number(0)));
  }

  private static Value notZero(GradientContext g, Ops ops) {
    return ops.greater(g.x(), g.number(alpha(g, 1)));
  }

  private static Value between(GradientContext g, Ops ops, Value x, Value low, Value high) {
    return g.mask(ops.and(ops.greater(x, low), ops.less(x, high)));
  }

  /** dy times {@code right} where x is positive, {@code left} elsewhere. */
  private static Value branch(GradientContext g, Ops ops, double right, Value left) {
    Value condition = ops.greater(g.x(), g.number(0));
    return ops.mul(g.dy(), ops.where(condition, g.number(right), left));
  }

  /** y = right x for x > 0, else offset (exp(x) - 1). */
  private static Value exponential(GradientContext g, Ops ops, double right, double offset) {
    return branch(g, ops, right, ops.add(g.y(), g.number(offset)));
  }

  private static Value selu(GradientContext g, Ops ops) {
    double gamma = g.node().floatAttribute("gamma", 1.05070102f);
    return exponential(g, ops, gamma, gamma * alpha(g, 1.67326319f));
  }

  private static Value leakyRelu(GradientContext g, Ops ops) {
    double alpha = alpha(g, 0.01f);
    Value mask = positive(g, ops, alpha > 0 ? g.y() : g.x());
    Value slope = ops.add(ops.mul(mask, g.number(1 - alpha)), g.number(alpha));
    return ops.mul(g.dy(), slope);
  }

  private static Value pRelu(GradientContext g, Ops ops) {
    return branch(g, ops, 1, g.x(1));
  }

  private static Value slope(GradientContext g, Ops ops) {
    return ops.mul(g.dy(), ops.call("Min", g.x(), g.number(0)));
  }

  /** y = x h(x), h = HardSigmoid with slope 1/6. */
  private static Value hardSwish(GradientContext g, Ops ops) {
    Value h =
        ops.call(
            "HardSigmoid",
            Map.of("alpha", Attribute.of(1 / 6f), "beta", Attribute.of(0.5f)),
            g.x());
    Value inside = between(g, ops, h, g.number(0), g.number(1));
    Value rising = ops.mul(ops.mul(g.x(), g.number(1 / 6.0)), inside);
    return ops.mul(g.dy(), ops.add(h, rising));
  }

  /** y = x t, t = tanh(softplus x): t + x (1 - t^2) sigmoid x. */
  private static Value mish(GradientContext g, Ops ops) {
    Value t = ops.call("Tanh", ops.call("Softplus", g.x()));
    Value change = ops.mul(oneMinusSquare(g, ops, t), ops.sigmoid(g.x()));
    return ops.mul(g.dy(), ops.add(t, ops.mul(g.x(), change)));
  }

  /** arXiv:1606.08415: x Phi(x), or its approximation by tanh. */
  private static Value gelu(GradientContext g, Ops ops) {
    return g.node().stringAttribute("approximate", "none").equals("tanh")
        ? geluByTanh(g, ops)
        : geluByErf(g, ops);
  }

  /** Phi(x) + x phi(x). */
  private static Value geluByErf(GradientContext g, Ops ops) {
    Value erf = ops.call("Erf", ops.mul(g.x(), g.number(Math.sqrt(0.5))));
    Value cdf = ops.mul(onePlus(g, ops, erf), g.number(0.5));
    Value density = ops.exp(ops.mul(square(ops, g.x()), g.number(-0.5)));
    Value scaled = ops.mul(density, g.number(1 / Math.sqrt(2 * Math.PI)));
    return ops.mul(g.dy(), ops.add(cdf, ops.mul(g.x(), scaled)));
  }

  /** y = x (1 + t) / 2, t = tanh(c (x + a x^3)), c = sqrt(2/pi), a = 0.044715. */
  private static Value geluByTanh(GradientContext g, Ops ops) {
    double c = Math.sqrt(2 / Math.PI);
    double a = 0.044715;
    Value squared = square(ops, g.x());
    Value inner = ops.mul(g.x(), ops.add(ops.mul(squared, g.number(c * a)), g.number(c)));
    Value t = ops.call("Tanh", inner);
    Value slope = ops.add(ops.mul(squared, g.number(3 * c * a)), g.number(c));
    Value change = ops.mul(g.x(), ops.mul(oneMinusSquare(g, ops, t), slope));
    Value both = ops.add(onePlus(g, ops, t), change);
    return ops.mul(ops.mul(g.dy(), g.number(0.5)), both);
  }

  /** y = x s, s = sigmoid(alpha x): s + alpha y (1 - s). */
  private static Value quickGelu(GradientContext g, Ops ops) {
    Value alpha = g.number(alpha(g, 1.702f));
    Value s = ops.sigmoid(ops.mul(g.x(), alpha));
    Value change = ops.mul(ops.mul(alpha, g.y()), ops.sub(g.number(1), s));
    return ops.mul(g.dy(), ops.add(s, change));
  }

  private static Value clip(GradientContext g, Ops ops) {
    Value inside = null;
    if (g.has(1)) {
      inside = ops.greater(g.y(), g.x(1));
    }
    if (g.has(2)) {
      Value below = ops.less(g.y(), g.x(2));
      inside = inside == null ? below : ops.and(inside, below);
    }
    return inside == null ? g.dy() : ops.mul(g.dy(), g.mask(inside));
  }

  private static Value dropout(GradientContext g, Ops ops) {
    Tensor training = g.node().input(2).flatMap(Value::constant).orElse(null);
    if (!g.has(2) || (training != null && training.bytes().get(0) == 0)) {
      return g.dy();
    }
    if (g.node().outputs().size() < 2 || g.node().outputs().get(1) == null) {
      throw g.refuse("it drops elements and has no mask output that says which");
    }
    Value ratio = g.has(1) ? ops.cast(g.x(1), g.dataType()) : g.number(0.5);
    Value kept = ops.div(g.mask(g.node().outputs().get(1)), ops.sub(g.number(1), ratio));
    return ops.mul(g.dy(), kept);
  }
}
