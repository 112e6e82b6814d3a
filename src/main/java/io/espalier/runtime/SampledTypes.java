package io.espalier.runtime;

import io.espalier.graph.Dim;
import io.espalier.graph.Evaluator;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Types seen in two runs, for values whose sizes cannot be inferred: a size that was the same in
 * both is taken for known, one that was the batch in both for the batch.
 *
 * <p>The runs should differ in their batch and in all elements: a size that depends on elements is
 * then unlikely to be the same twice.
 */
public final class SampledTypes implements Types {
  private final Map<Value, TensorType> types = new HashMap<>();

  private SampledTypes() {}

  /**
   * Completes {@code known} where it has no sizes.
   *
   * @param first a tensor for each required input
   * @param second the same with another batch, which is dimension 0 of the first input
   * @throws ModelException if the model does not run on them
   */
  public static Types of(
      Model model, Types known, Map<Value, Tensor> first, Map<Value, Tensor> second) {
    List<Value> open = new ArrayList<>();
    model
        .graph()
        .nodes()
        .forEach(
            node ->
                node.outputs().stream()
                    .filter(value -> value != null && !isComplete(known, value))
                    .forEach(open::add));
    SampledTypes sampled = new SampledTypes();
    if (!open.isEmpty()) {
      Value batch = model.graph().requiredInputs().get(0);
      Evaluator evaluator = new SessionEvaluator();
      Map<Value, Tensor> a = evaluator.evaluate(model, first, open);
      Map<Value, Tensor> b = evaluator.evaluate(model, second, open);
      long[] batches = {first.get(batch).shape().dim(0), second.get(batch).shape().dim(0)};
      for (Value value : open) {
        if (a.containsKey(value) && b.containsKey(value)) {
          sampled.merge(known, value, a.get(value), b.get(value), batches);
        }
      }
    }
    return sampled.or(known);
  }

  private static boolean isComplete(Types known, Value value) {
    return known
        .dims(value)
        .filter(dims -> dims.stream().noneMatch(dim -> dim instanceof Dim.Unknown))
        .isPresent();
  }

  private void merge(Types known, Value value, Tensor a, Tensor b, long[] batches) {
    if (a.shape().rank() != b.shape().rank()) {
      return;
    }
    List<Dim> before = known.dims(value).orElse(null);
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < a.shape().rank(); axis++) {
      long size = a.shape().dim(axis);
      long other = b.shape().dim(axis);
      if (before != null && !(before.get(axis) instanceof Dim.Unknown)) {
        dims.add(before.get(axis));
      } else if (size == other) {
        dims.add(new Dim.Known(size));
      } else {
        boolean batch = size == batches[0] && other == batches[1];
        dims.add(batch ? new Dim.Symbol("batch") : new Dim.Unknown());
      }
    }
    types.put(value, new TensorType(a.dataType(), Optional.of(dims)));
  }

  @Override
  public Optional<TensorType> of(Value value) {
    return Optional.ofNullable(types.get(value));
  }
}
