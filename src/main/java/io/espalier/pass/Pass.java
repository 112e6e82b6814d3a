package io.espalier.pass;

import io.espalier.graph.Model;

/** A rewrite of a model, in place. */
@FunctionalInterface
public interface Pass {
  PassResult run(Model model);
}
