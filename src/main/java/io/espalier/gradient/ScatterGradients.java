package io.espalier.gradient;

import static io.espalier.gradient.GradientRule.each;
import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.Map;

/** Gradients of operators that put elements where indices say. */
final class ScatterGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry(
              "ScatterElements",
              each(ScatterGradients::data, Derivative.NONE, ScatterGradients::updates)),
          entry(
              "ScatterND",
              each(ScatterGradients::data, Derivative.NONE, ScatterGradients::updates)));

  private ScatterGradients() {}

  private static String reduction(GradientContext g) {
    return g.node().stringAttribute("reduction", "none");
  }

  private static Map<String, Attribute> axis(GradientContext g) {
    return g.node().is("ScatterND")
        ? Map.of()
        : Map.of("axis", Attribute.of(g.node().intAttribute("axis", 0)));
  }

  private static Value data(GradientContext g, Ops ops) {
    return switch (reduction(g)) {
      case "none" -> {
        Value zeros = ops.filled(ops.shape(g.x(2)), g.dataType(), 0);
        yield scattered(g, ops, g.dy(), zeros, "none");
      }
      case "add" -> g.dy();
      case "mul" -> ops.mul(g.dy(), new Factors(g, ops).withoutData());
      default -> {
        Extremes extremes = new Extremes(g, ops);
        yield ops.mul(extremes.share, extremes.inData);
      }
    };
  }

  private static Value updates(GradientContext g, Ops ops) {
    return switch (reduction(g)) {
      case "none", "add" -> gathered(g, ops, g.dy());
      case "mul" -> ops.mul(gathered(g, ops, g.dy()), new Factors(g, ops).withoutUpdates());
      default -> {
        Extremes extremes = new Extremes(g, ops);
        yield ops.mul(gathered(g, ops, extremes.share), extremes.inUpdates);
      }
    };
  }

  /** What lies where the indices say. */
  private static Value gathered(GradientContext g, Ops ops, Value data) {
    String operator = g.node().is("ScatterND") ? "GatherND" : "GatherElements";
    return ops.call(OperatorId.of(operator), axis(g), 1, data, g.x(1)).get(0);
  }

  private static Value scattered(
      GradientContext g, Ops ops, Value data, Value updates, String reduction) {
    Map<String, Attribute> attributes = new HashMap<>(axis(g));
    attributes.put("reduction", Attribute.of(reduction));
    return ops.call(g.node().opType(), attributes, data, g.x(1), updates);
  }

  /** The elements that are the largest or smallest; those that tie share the gradient. */
  private static final class Extremes {
    final Value inData;
    final Value inUpdates;
    final Value share;

    Extremes(GradientContext g, Ops ops) {
      inData = g.mask(ops.equal(g.x(), g.y()));
      inUpdates = g.mask(ops.equal(g.x(2), gathered(g, ops, g.y())));
      share = ops.div(g.dy(), scattered(g, ops, inData, inUpdates, "add"));
    }
  }

  /** Products of all factors but one, of which some may be zero. */
  private static final class Factors {
    private final GradientContext g;
    private final Ops ops;
    private final Value product;
    private final Value zeros;

    Factors(GradientContext g, Ops ops) {
      this.g = g;
      this.ops = ops;
      this.product = scattered(g, ops, notZero(g.x()), notZero(g.x(2)), "mul");
      this.zeros = scattered(g, ops, isZero(g.x()), isZero(g.x(2)), "add");
    }

    private Value isZero(Value value) {
      return g.mask(ops.equal(value, g.number(0)));
    }

    private Value notZero(Value value) {
      return ops.add(value, isZero(value));
    }

    Value withoutData() {
      return without(g.x(), product, zeros);
    }

    Value withoutUpdates() {
      return without(g.x(2), gathered(g, ops, product), gathered(g, ops, zeros));
    }

    private Value without(Value factor, Value all, Value allZeros) {
      Value alone = g.mask(ops.equal(allZeros, isZero(factor)));
      return ops.mul(ops.div(all, notZero(factor)), alone);
    }
  }
}
