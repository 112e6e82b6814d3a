package io.espalier.runtime;

import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** onnxruntime on the CPU, not optimizing, as those who rewrite graphs see it. */
public final class OrtEngine implements Engine {
  private static final SessionEvaluator EVALUATOR = new SessionEvaluator();

  @Override
  public Types types(Model model) {
    return InferredTypes.of(model);
  }

  @Override
  public Map<Value, Tensor> evaluate(Model model, Map<Value, Tensor> inputs, List<Value> wanted) {
    return EVALUATOR.evaluate(model, inputs, wanted);
  }

  @Override
  public List<Map<Value, Tensor>> evaluateAll(
      Model model, List<Map<Value, Tensor>> inputs, List<Value> wanted) {
    return EVALUATOR.evaluateAll(model, inputs, wanted);
  }

  @Override
  public Optional<Map<Value, Tensor>> inputs(Model model, long seed) {
    SampleInputs.Options one = SampleInputs.Options.seeded(seed).withSamples(1);
    try (Session session = Probe.open(model, model.graph().outputs())) {
      return SampleInputs.find(model, session, one)
          .samples()
          .flatMap(samples -> tensors(model, samples.batches().get(0)));
    }
  }

  private static Optional<Map<Value, Tensor>> tensors(Model model, Map<String, Datum> feeds) {
    Map<Value, Tensor> tensors = new HashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      if (feeds.get(input.name()) instanceof Datum.Numbers numbers) {
        tensors.put(input, numbers.tensor());
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(tensors);
  }
}
