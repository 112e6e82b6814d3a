package io.espalier.graph;

import java.util.List;
import java.util.Map;

/** Computes values of a graph. */
public interface Evaluator {
  /**
   * The tensors that {@code wanted} have when the graph is run on {@code inputs}.
   *
   * @param inputs a tensor for each required input of the model's graph
   * @throws ModelException if the graph cannot be run
   */
  Map<Value, Tensor> evaluate(Model model, Map<Value, Tensor> inputs, List<Value> wanted);
}
