package io.espalier.pass;

import io.espalier.graph.Dim;
import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Types of a model; ranks of outputs that cannot be inferred are those of one run. */
final class SampledRanks {
  private SampledRanks() {}

  static Types of(Model model, Engine engine) {
    Types inferred = engine.types(model);
    List<Value> open =
        model.graph().outputs().stream()
            .filter(output -> inferred.dims(output).isEmpty() && inferred.of(output).isPresent())
            .toList();
    if (open.isEmpty()) {
      return inferred;
    }
    Map<Value, Tensor> found = run(model, open, engine);
    return value ->
        inferred
            .of(value)
            .map(type -> found.containsKey(value) ? ranked(type, found.get(value)) : type);
  }

  private static TensorType ranked(TensorType type, Tensor tensor) {
    List<Dim> dims = Collections.nCopies(tensor.shape().rank(), new Dim.Unknown());
    return new TensorType(type.dataType(), Optional.of(dims));
  }

  private static Map<Value, Tensor> run(Model model, List<Value> outputs, Engine engine) {
    try {
      return engine
          .inputs(model, 1)
          .map(inputs -> engine.evaluate(model, inputs, outputs))
          .orElse(Map.of());
    } catch (ModelException e) {
      return Map.of();
    }
  }
}
