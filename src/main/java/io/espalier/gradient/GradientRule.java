package io.espalier.gradient;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * How to differentiate one operator: from the gradients of a node's outputs to those of its inputs.
 *
 * @param body emits the gradients
 * @param broadcasting whether the operator broadcasts its inputs: the rule then gives gradients of
 *     the output's shape, and the walk sums them down to the inputs' shapes
 * @param allOutputs whether the rule takes the gradients of all outputs into account; the others
 *     see the first output only
 */
public record GradientRule(Body body, boolean broadcasting, boolean allOutputs) {
  /** Emits the gradients of a node's inputs. */
  @FunctionalInterface
  public interface Body {
    /** A gradient for each input, {@code null} where none flows or none is wanted. */
    List<Value> emit(GradientContext g, Ops ops);
  }

  /** A rule that emits the gradients of all inputs together. */
  public static GradientRule together(Body body) {
    return new GradientRule(body, false, false);
  }

  /**
   * A rule with a derivative for each input; inputs beyond those have none. Only the wanted ones
   * are emitted.
   */
  public static GradientRule each(Derivative... derivatives) {
    return together(
        (g, ops) -> {
          List<Value> gradients = new ArrayList<>();
          for (int i = 0; i < g.node().inputs().size(); i++) {
            boolean emit = i < derivatives.length && g.wants(i);
            gradients.add(emit ? derivatives[i].emit(g, ops) : null);
          }
          return gradients;
        });
  }

  /** The same rule for an operator that broadcasts. */
  public GradientRule broadcasts() {
    return new GradientRule(body, true, allOutputs);
  }

  /** The same rule, which takes the gradients of all outputs into account. */
  public GradientRule ofAllOutputs() {
    return new GradientRule(body, broadcasting, true);
  }
}
