package io.espalier.gradient;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;

/** Emits the gradient of one input of a node. */
@FunctionalInterface
public interface Derivative {
  /** For an input through which no gradient flows: integers, shapes, masks. */
  Derivative NONE = (g, ops) -> null;

  /** The gradient, or {@code null} where none flows. */
  Value emit(GradientContext g, Ops ops);
}
