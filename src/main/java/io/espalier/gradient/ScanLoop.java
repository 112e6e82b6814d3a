package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Emits a {@code Scan}: a loop over the first axis of some tensors, of whatever length. Values of
 * the graph outside may be used in the loop as they are.
 */
final class ScanLoop {
  private final Ops outside;
  private final TensorType type;
  private final boolean backwards;
  private final Graph body;
  private final Ops ops;
  private final Map<Value, Value> initial = new LinkedHashMap<>();
  private final Map<Value, Value> next = new LinkedHashMap<>();
  private final Map<Value, Value> steps = new LinkedHashMap<>();
  private final List<Value> kept = new ArrayList<>();

  /**
   * A loop of float tensors of the type that {@code g} differentiates in.
   *
   * @param backwards whether it goes from the last step to the first
   */
  ScanLoop(GradientContext g, Ops outside, boolean backwards) {
    this.outside = outside;
    this.type = new TensorType(g.dataType(), Optional.empty());
    this.backwards = backwards;
    this.body = new Graph("body", outside.graph());
    this.ops = new Ops(body);
  }

  /** Emits into the loop. */
  Ops ops() {
    return ops;
  }

  /** What {@code start} is before the first step, and what {@link #next} said after each. */
  Value state(Value start) {
    Value inside = input("state");
    initial.put(inside, start);
    return inside;
  }

  /** The slice of {@code sequence} that belongs to a step. */
  Value step(Value sequence) {
    Value inside = input("step");
    steps.put(inside, sequence);
    return inside;
  }

  private Value input(String name) {
    Value inside = body.newValue(name);
    inside.setType(type);
    return inside;
  }

  /** Sets the state for the next step. */
  void next(Value state, Value value) {
    next.put(state, value);
  }

  /** Gives {@code value} of every step to the outside. */
  void keep(Value value) {
    kept.add(value);
  }

  /** The last states in the order in which they were declared, then what was kept, stacked. */
  List<Value> run() {
    List<Value> inputs = new ArrayList<>(initial.values());
    inputs.addAll(steps.values());
    initial.keySet().forEach(body::makeInput);
    steps.keySet().forEach(body::makeInput);
    List<Value> results = new ArrayList<>();
    for (Value state : initial.keySet()) {
      results.add(next.get(state));
    }
    results.addAll(kept);
    List<Value> outputs = new ArrayList<>();
    for (Value result : results) {
      boolean taken = outputs.contains(result) || result.producer().isEmpty();
      outputs.add(taken ? ops.call("Identity", result) : result);
    }
    outputs.forEach(output -> output.setType(type));
    body.setOutputs(outputs);
    return outside.call(
        OperatorId.of("Scan"), attributes(), results.size(), inputs.toArray(Value[]::new));
  }

  private Map<String, Attribute> attributes() {
    long direction = backwards ? 1 : 0;
    return Map.of(
        "body", new Attribute.GraphAttribute(body),
        "num_scan_inputs", Attribute.of(steps.size()),
        "scan_input_directions", directions(steps.size(), direction),
        "scan_output_directions", directions(kept.size(), direction));
  }

  private static Attribute directions(int count, long direction) {
    return new Attribute.IntsAttribute(Collections.nCopies(count, direction));
  }
}
