package io.espalier.runtime;

import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks at what flows through a model, not optimized, run by run. Must be closed. */
public final class Observation implements AutoCloseable {
  private final Session session;
  private final List<Value> wanted;

  /**
   * Opens the model as it is now.
   *
   * @param wanted values of its main graph
   * @throws io.espalier.graph.ModelException if onnxruntime refuses the model
   */
  public Observation(Model model, List<Value> wanted) {
    this.wanted = List.copyOf(wanted);
    this.session = Probe.open(model, wanted.stream().filter(v -> !v.isGraphInput()).toList());
  }

  /**
   * Runs the model once.
   *
   * @return the wanted values that are tensors of numbers
   * @throws io.espalier.graph.ModelException if onnxruntime fails
   */
  public Map<Value, Tensor> see(Map<String, Datum> feeds) {
    Map<String, Datum> results = session.run(feeds);
    Map<Value, Tensor> seen = new LinkedHashMap<>();
    for (Value value : wanted) {
      Datum datum = (value.isGraphInput() ? feeds : results).get(value.name());
      if (datum instanceof Datum.Numbers numbers) {
        seen.put(value, numbers.tensor());
      }
    }
    return seen;
  }

  @Override
  public void close() {
    session.close();
  }
}
