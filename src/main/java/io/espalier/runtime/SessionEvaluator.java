package io.espalier.runtime;

import io.espalier.graph.Evaluator;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Computes values of a graph with onnxruntime, in a session for each request. */
public final class SessionEvaluator implements Evaluator {
  @Override
  public Map<Value, Tensor> evaluate(Model model, Map<Value, Tensor> inputs, List<Value> wanted) {
    return evaluateAll(model, List.of(inputs), wanted).get(0);
  }

  /** As {@link #evaluate}, for several inputs in turn, in one session. */
  List<Map<Value, Tensor>> evaluateAll(
      Model model, List<Map<Value, Tensor>> inputs, List<Value> wanted) {
    try (Session session = Probe.open(model, wanted)) {
      return inputs.stream().map(one -> run(session, one, wanted)).toList();
    }
  }

  private static Map<Value, Tensor> run(
      Session session, Map<Value, Tensor> inputs, List<Value> wanted) {
    Map<String, Datum> feeds = new HashMap<>();
    inputs.forEach((input, tensor) -> feeds.put(input.name(), Datum.of(tensor)));
    Map<String, Datum> results = session.run(feeds);
    Map<Value, Tensor> tensors = new HashMap<>();
    for (Value value : wanted) {
      if (results.get(value.name()) instanceof Datum.Numbers numbers) {
        tensors.put(value, numbers.tensor());
      }
    }
    return tensors;
  }
}
