package io.espalier.pass;

import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs a model with a fixed batch and its copy with a free one, and compares. */
final class BatchTrial {
  private static final int PARTS = 3;
  private static final double TOLERANCE = 1e-4;

  private final Model fixed;
  private final Model freed;
  private final Map<Value, Integer> inputs;
  private final Engine engine;
  private final List<Map<Value, Tensor>> samples = new ArrayList<>();
  private List<Map<Value, Tensor>> expected;
  private Map<String, long[]> shapes;

  /**
   * A trial.
   *
   * @param inputs of {@code freed} that carry the batch, and where
   */
  BatchTrial(Model fixed, Model freed, Map<Value, Integer> inputs, Engine engine) {
    this.fixed = fixed;
    this.freed = freed;
    this.inputs = inputs;
    this.engine = engine;
  }

  /** Whether the copy takes any batch as it is, with the batch first in every output. */
  boolean succeeds() {
    try {
      confirm(Map.of());
      return true;
    } catch (RefusedException | ModelException e) {
      return false;
    }
  }

  /**
   * Checks that the rows of a batch are what the model gives for each of them.
   *
   * @throws RefusedException if they are not
   */
  void confirm(BatchWalk walk) {
    Map<Value, Integer> axes = new HashMap<>();
    for (Value output : freed.graph().outputs()) {
      walk.axis(output).ifPresent(axis -> axes.put(output, axis.axis()));
    }
    confirm(axes);
  }

  private void confirm(Map<Value, Integer> axes) {
    List<Value> outputs = fixed.graph().outputs();
    draw();
    if (expected == null) {
      expected = engine.evaluateAll(fixed, samples, outputs);
    }
    List<Value> results = freed.graph().outputs();
    Map<Value, Tensor> found = engine.evaluate(freed, joined(), results);
    for (int i = 0; i < outputs.size(); i++) {
      Value output = outputs.get(i);
      List<Tensor> rows = expected.stream().map(one -> one.get(output)).toList();
      Tensor all = found.get(results.get(i));
      boolean follows = axes.containsKey(results.get(i));
      if (rows.get(0) != null && (follows || !isConstant(rows, all))) {
        compare(output, axes.getOrDefault(results.get(i), 0), rows, all);
      }
    }
  }

  private Map<Value, Tensor> joined() {
    Map<Value, Tensor> joined = new HashMap<>();
    for (Value input : freed.graph().requiredInputs()) {
      List<Tensor> parts = samples.stream().map(sample -> sample.get(same(input))).toList();
      joined.put(
          input,
          inputs.containsKey(input) ? Batches.joined(parts, inputs.get(input)) : parts.get(0));
    }
    return joined;
  }

  /** Draws samples; inputs that do not carry the batch are the same in all of them. */
  private void draw() {
    while (samples.size() < PARTS) {
      Map<Value, Tensor> sample = engine.inputs(fixed, samples.size() + 1L).orElse(null);
      if (sample == null) {
        throw new RefusedException("no inputs are found to try it on");
      }
      Map<Value, Tensor> complete = new HashMap<>(sample);
      for (Value input : freed.graph().requiredInputs()) {
        if (!samples.isEmpty() && !inputs.containsKey(input)) {
          complete.put(same(input), samples.get(0).get(same(input)));
        }
      }
      samples.add(complete);
    }
  }

  private Value same(Value input) {
    return fixed.graph().find(input.name()).orElseThrow();
  }

  /** The dimensions that a value of the copy has for the first sample, at the fixed batch. */
  Optional<long[]> sampledShape(Value value) {
    if (shapes == null) {
      draw();
      List<Value> computed = new ArrayList<>();
      for (Node node : fixed.graph().nodes()) {
        node.outputs().stream().filter(output -> output != null).forEach(computed::add);
      }
      Map<String, long[]> found = new HashMap<>();
      engine
          .evaluate(fixed, samples.get(0), computed)
          .forEach((one, tensor) -> found.put(one.name(), tensor.shape().dims()));
      shapes = found;
    }
    return Optional.ofNullable(shapes.get(value.name()));
  }

  private static boolean isConstant(List<Tensor> rows, Tensor found) {
    Set<Object> contents = new HashSet<>();
    rows.forEach(row -> contents.add(List.of(row.shape(), row.bytes())));
    contents.add(List.of(found.shape(), found.bytes()));
    return contents.size() == 1;
  }

  private static void compare(Value output, int expected, List<Tensor> rows, Tensor found) {
    int axis = axis(output, expected, rows.get(0).shape(), found.shape());
    for (int i = 0; i < PARTS; i++) {
      double difference = Batches.difference(rows.get(i), Batches.part(found, axis, i, PARTS));
      if (!(difference <= TOLERANCE)) {
        throw new RefusedException(
            "output '%s': the rows of a batch differ by %.2g from what each gives alone"
                .formatted(output, difference));
      }
    }
  }

  /** The axis along which the batch's output is longer, the expected one where several may be. */
  private static int axis(Value output, int expected, Shape row, Shape found) {
    List<Integer> longer = new ArrayList<>();
    for (int axis = 0; axis < row.rank() && found.rank() == row.rank(); axis++) {
      long[] dims = row.dims();
      dims[axis] *= PARTS;
      if (found.equals(Shape.of(dims))) {
        longer.add(axis);
      }
    }
    if (longer.isEmpty()) {
      throw new RefusedException(
          "output '%s': expected %d times %s for a batch of %d, got %s"
              .formatted(output, PARTS, row, PARTS, found));
    }
    return longer.contains(expected) ? expected : longer.get(0);
  }
}
