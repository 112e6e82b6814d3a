package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static io.espalier.gradient.GradientRule.together;
import static java.util.Map.entry;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Gradients of arithmetic that works on each element by itself. */
final class ElementwiseGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("Add", each((g, ops) -> g.dy(), (g, ops) -> g.dy()).broadcasts()),
          entry("Sub", each((g, ops) -> g.dy(), (g, ops) -> ops.neg(g.dy())).broadcasts()),
          entry(
              "Mul",
              each((g, ops) -> ops.mul(g.dy(), g.x(1)), (g, ops) -> ops.mul(g.dy(), g.x(0)))
                  .broadcasts()),
          // y = a - b n with a whole number n = (a - y) / b
          entry(
              "Mod",
              each(
                      (g, ops) -> g.dy(),
                      (g, ops) -> ops.mul(g.dy(), ops.div(ops.sub(g.y(), g.x(0)), g.x(1))))
                  .broadcasts()),
          // d(a/b)/db = -y/b
          entry(
              "Div",
              each(
                      (g, ops) -> ops.div(g.dy(), g.x(1)),
                      (g, ops) -> ops.neg(ops.div(ops.mul(g.dy(), g.y()), g.x(1))))
                  .broadcasts()),
          entry(
              "Pow", each(ElementwiseGradients::base, ElementwiseGradients::exponent).broadcasts()),
          entry("Sum", together((g, ops) -> same(g, g.dy())).broadcasts()),
          entry(
              "Mean",
              together(
                      (g, ops) ->
                          same(g, ops.mul(g.dy(), g.number(1.0 / g.node().inputs().size()))))
                  .broadcasts()),
          entry("Max", together(ElementwiseGradients::extreme).broadcasts()),
          entry("Min", together(ElementwiseGradients::extreme).broadcasts()),
          entry(
              "Where",
              each(
                      Derivative.NONE,
                      (g, ops) -> ops.mul(g.dy(), g.mask(g.x(0))),
                      (g, ops) -> ops.mul(g.dy(), g.mask(ops.not(g.x(0)))))
                  .broadcasts()),
          entry("Neg", each((g, ops) -> ops.neg(g.dy()))),
          entry("Abs", each((g, ops) -> ops.mul(g.dy(), ops.call("Sign", g.x())))),
          entry("Exp", each((g, ops) -> ops.mul(g.dy(), g.y()))),
          entry("Log", each((g, ops) -> ops.div(g.dy(), g.x()))),
          entry("Sqrt", each((g, ops) -> ops.div(ops.mul(g.dy(), g.number(0.5)), g.y()))),
          entry("Reciprocal", each((g, ops) -> ops.neg(ops.mul(g.dy(), square(ops, g.y()))))),
          entry("Sin", each((g, ops) -> ops.mul(g.dy(), ops.call("Cos", g.x())))),
          entry("Cos", each((g, ops) -> ops.neg(ops.mul(g.dy(), ops.call("Sin", g.x()))))),
          entry("Tan", each((g, ops) -> ops.mul(g.dy(), onePlus(g, ops, square(ops, g.y()))))),
          entry("Asin", each((g, ops) -> ops.div(g.dy(), ops.sqrt(oneMinusSquare(g, ops, g.x()))))),
          entry(
              "Acos",
              each((g, ops) -> ops.neg(ops.div(g.dy(), ops.sqrt(oneMinusSquare(g, ops, g.x())))))),
          entry("Atan", each((g, ops) -> ops.div(g.dy(), onePlus(g, ops, square(ops, g.x()))))),
          entry("Sinh", each((g, ops) -> ops.mul(g.dy(), ops.call("Cosh", g.x())))),
          entry("Cosh", each((g, ops) -> ops.mul(g.dy(), ops.call("Sinh", g.x())))),
          entry(
              "Asinh",
              each((g, ops) -> ops.div(g.dy(), ops.sqrt(onePlus(g, ops, square(ops, g.x())))))),
          entry(
              "Acosh",
              each(
                  (g, ops) -> ops.div(g.dy(), ops.sqrt(ops.sub(square(ops, g.x()), g.number(1)))))),
          entry("Atanh", each((g, ops) -> ops.div(g.dy(), oneMinusSquare(g, ops, g.x())))),
          // erf'(x) = 2/sqrt(pi) exp(-x^2)
          entry(
              "Erf",
              each(
                  (g, ops) ->
                      ops.mul(
                          g.dy(),
                          ops.mul(
                              g.number(2 / Math.sqrt(Math.PI)),
                              ops.exp(ops.neg(square(ops, g.x()))))))));

  private ElementwiseGradients() {}

  static Value square(Ops ops, Value x) {
    return ops.mul(x, x);
  }

  static Value onePlus(GradientContext g, Ops ops, Value x) {
    return ops.add(x, g.number(1));
  }

  static Value oneMinusSquare(GradientContext g, Ops ops, Value x) {
    return ops.sub(g.number(1), square(ops, x));
  }

  private static List<Value> same(GradientContext g, Value gradient) {
    return Collections.nCopies(g.node().inputs().size(), gradient);
  }

  /** y = x^b: dx = dy b x^(b-1). */
  private static Value base(GradientContext g, Ops ops) {
    Value b = exponentAsFloat(g, ops);
    return ops.mul(g.dy(), ops.mul(b, ops.pow(g.x(), ops.sub(b, g.number(1)))));
  }

  private static Value exponentAsFloat(GradientContext g, Ops ops) {
    DataType type = g.dataType(g.x(1));
    return type == g.dataType() ? g.x(1) : ops.cast(g.x(1), g.dataType());
  }

  /** y = x^b: db = dy y log x, where x is positive; 0 elsewhere. */
  private static Value exponent(GradientContext g, Ops ops) {
    Value positive = ops.greater(g.x(), g.number(0));
    return ops.mul(g.dy(), ops.mul(g.y(), ops.where(positive, ops.log(g.x()), g.number(0))));
  }

  /** The gradient goes to the inputs that are the extreme, in equal parts, as in PyTorch. */
  private static List<Value> extreme(GradientContext g, Ops ops) {
    List<Value> masks = new ArrayList<>();
    for (int i = 0; i < g.node().inputs().size(); i++) {
      masks.add(g.mask(ops.equal(g.x(i), g.y())));
    }
    Value part = ops.div(g.dy(), ops.sum(masks));
    return masks.stream().map(mask -> ops.mul(part, mask)).toList();
  }
}
