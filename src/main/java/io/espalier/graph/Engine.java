package io.espalier.graph;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What those who rewrite graphs ask of the engine that runs models. */
public interface Engine extends Evaluator {
  /**
   * The types of the values of the model's main graph.
   *
   * @throws ModelException if the engine refuses the model
   */
  Types types(Model model);

  /**
   * Inputs on which the model runs, with batches of their declared size; absent if none is found.
   *
   * @param seed other seeds give other numbers of the same shapes
   */
  Optional<Map<Value, Tensor>> inputs(Model model, long seed);

  /** As {@link #evaluate}, for several inputs in turn. */
  default List<Map<Value, Tensor>> evaluateAll(
      Model model, List<Map<Value, Tensor>> inputs, List<Value> wanted) {
    return inputs.stream().map(one -> evaluate(model, one, wanted)).toList();
  }
}
