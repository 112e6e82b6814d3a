package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;

/** Gradients of reductions. The axes are the second input; without it, all are reduced. */
final class ReductionGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("ReduceSum", each((g, ops) -> spread(g, ops, g.dy()))),
          entry("ReduceMean", each((g, ops) -> spread(g, ops, ops.div(g.dy(), count(g, ops))))),
          entry("ReduceMax", each(ReductionGradients::extreme)),
          entry("ReduceMin", each(ReductionGradients::extreme)),
          entry(
              "ReduceSumSquare",
              each((g, ops) -> ops.mul(wide(g, ops, g.dy()), ops.mul(g.x(), g.number(2))))),
          entry(
              "ReduceL1", each((g, ops) -> ops.mul(wide(g, ops, g.dy()), ops.call("Sign", g.x())))),
          entry(
              "ReduceL2",
              each((g, ops) -> ops.mul(wide(g, ops, orZero(g, ops, g.dy(), g.y())), g.x()))),
          entry(
              "ReduceLogSum",
              each((g, ops) -> spread(g, ops, ops.mul(g.dy(), ops.exp(ops.neg(g.y())))))),
          entry(
              "ReduceLogSumExp",
              each(
                  (g, ops) ->
                      ops.mul(wide(g, ops, g.dy()), ops.exp(ops.sub(g.x(), wide(g, ops, g.y())))))),
          entry("ReduceProd", each(ReductionGradients::product)));

  private ReductionGradients() {}

  /** a / b, and 0 where b is: as PyTorch has it for the norm of zeros. */
  static Value orZero(GradientContext g, Ops ops, Value a, Value b) {
    Value zero = g.mask(ops.equal(b, g.number(0)));
    return ops.div(ops.mul(a, ops.sub(g.number(1), zero)), ops.add(b, zero));
  }

  private static boolean reducesNothing(GradientContext g) {
    boolean none = !g.has(1) || g.constantInts(1).filter(axes -> axes.length == 0).isPresent();
    return none && g.node().intAttribute("noop_with_empty_axes", 0) != 0;
  }

  private static boolean reducesAll(GradientContext g) {
    return !g.has(1) || g.constantInts(1).filter(axes -> axes.length == 0).isPresent();
  }

  /** {@code reduced}, which has the output's shape, with the reduced axes as 1. */
  private static Value wide(GradientContext g, Ops ops, Value reduced) {
    boolean kept = g.node().intAttribute("keepdims", 1) != 0;
    if (kept || reducesNothing(g) || reducesAll(g)) {
      return reduced; // a scalar broadcasts to any rank
    }
    return ops.call("Unsqueeze", reduced, g.x(1));
  }

  /** {@code reduced}, which has the output's shape, repeated to the input's. */
  private static Value spread(GradientContext g, Ops ops, Value reduced) {
    return reducesNothing(g) ? reduced : ops.expand(wide(g, ops, reduced), g.shapeOf(g.x()));
  }

  /** How many elements go into one. */
  private static Value count(GradientContext g, Ops ops) {
    if (g.shape(g.x()).isPresent() && g.shape(g.y()).isPresent()) {
      double in = g.shape(g.x()).get().elements();
      return g.number(in / g.shape(g.y()).get().elements());
    }
    return ops.cast(ops.div(ops.size(g.x()), ops.size(g.y())), g.dataType());
  }

  /** The gradient goes to the elements that are the extreme, in equal parts, as in PyTorch. */
  private static Value extreme(GradientContext g, Ops ops) {
    Value mask = g.mask(ops.equal(g.x(), wide(g, ops, g.y())));
    Value ties;
    if (reducesNothing(g)) {
      return g.dy();
    } else if (reducesAll(g)) {
      ties = ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), mask);
    } else {
      ties = ops.reduceSum(mask, g.x(1), true);
    }
    return ops.mul(mask, ops.div(wide(g, ops, g.dy()), ties));
  }

  /** dy y / x, which is lost where an element is 0. */
  private static Value product(GradientContext g, Ops ops) {
    return ops.div(wide(g, ops, ops.mul(g.dy(), g.y())), g.x());
  }
}
