package io.espalier.gradient;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One direction of a recurrent node. Sequences are [time, batch, width], and run in the order of
 * time unless {@link #backwards}; where sequences have lengths of their own, those of the reverse
 * direction are turned round first, so that they all run forwards.
 *
 * <p>The states of all steps are known from the node's output, so that what does not depend on the
 * gradient is computed for all steps at once; what a loop is left with is one matrix product and
 * some products of elements per step.
 */
final class Recurrence {
  private static final long TO_THE_END = Integer.MAX_VALUE;

  private final GradientContext g;
  private final Ops ops;
  private final int direction;
  private final int directions;
  private final boolean turned;
  private final boolean backwards;
  private final long hidden;
  private final List<RecurrentActivation> activations;
  private final Value x;
  private final Value y;
  private final Value before;
  private final Value lengths;
  private final Value mask;

  Recurrence(
      GradientContext g,
      Ops ops,
      Value allY,
      int direction,
      List<RecurrentActivation> activations) {
    this.g = g;
    this.ops = ops;
    this.direction = direction;
    this.directions = Math.toIntExact(g.knownDim(g.x(2), 0));
    this.hidden = g.knownDim(g.x(2), 2);
    this.activations = activations;
    boolean reverse =
        direction == 1 || g.node().stringAttribute("direction", "forward").equals("reverse");
    this.lengths = g.has(4) ? ops.cast(g.x(4), DataType.INT64) : null;
    this.turned = reverse && lengths != null;
    this.backwards = reverse && lengths == null;
    this.x = inOrder(g.x(0));
    this.y = inOrder(ofDirection(allY, 1));
    this.before = before(y, initial(5));
    this.mask = lengths == null ? null : mask();
  }

  long hidden() {
    return hidden;
  }

  /** The outputs of all steps. */
  Value y() {
    return y;
  }

  /** The outputs of the steps before. */
  Value before() {
    return before;
  }

  /** An activation of this direction. */
  RecurrentActivation activation(int index) {
    return activations.get(direction * (activations.size() / directions) + index);
  }

  /** A sequence of all directions in the order of this one; its own inverse. */
  private Value inOrder(Value sequence) {
    return turned
        ? ops.call(
            "ReverseSequence",
            Map.of("time_axis", Attribute.of(0), "batch_axis", Attribute.of(1)),
            sequence,
            lengths)
        : sequence;
  }

  /** The part of a value that belongs to this direction, without the directions' axis. */
  private Value ofDirection(Value value, int axis) {
    return directions == 1
        ? ops.squeeze(value, axis)
        : ops.gather(value, ops.scalar(DataType.INT64, direction), axis);
  }

  /** A parameter of this direction; absent if the node has none. */
  Optional<Value> parameter(int input) {
    return g.has(input) ? Optional.of(ofDirection(g.x(input), 0)) : Optional.empty();
  }

  /** A state before the first step: [batch, hidden]. */
  Value initial(int input) {
    return parameter(input).orElseGet(this::zeros);
  }

  private Value zeros() {
    Value shape = ops.concat(0, List.of(ops.shape(g.x(0), 1, 2), ops.ints(hidden)));
    return ops.filled(shape, g.dataType(), 0);
  }

  /** What {@code states} were one step before. */
  Value before(Value states, Value initial) {
    Value first = ops.unsqueeze(initial, 0);
    long[] time = {0};
    long[] one = {1};
    return backwards
        ? ops.concat(0, List.of(ops.slice(states, one, new long[] {TO_THE_END}, time, one), first))
        : ops.concat(0, List.of(first, ops.slice(states, time, new long[] {-1}, time, one)));
  }

  /** 1 for steps that belong to a sequence, 0 for those beyond its end: [time, batch, 1]. */
  private Value mask() {
    Value count = ops.squeeze(ops.shape(g.x(0), 0, 1), 0);
    Value steps = ops.range(ops.scalar(DataType.INT64, 0), count, ops.scalar(DataType.INT64, 1));
    Value inside = ops.less(ops.unsqueeze(steps, 1, 2), ops.unsqueeze(lengths, 1));
    return g.mask(inside);
  }

  /** {@code factor}, 0 beyond the ends of the sequences. */
  Value masked(Value factor) {
    return mask == null ? factor : ops.mul(factor, mask);
  }

  /** What a step keeps of a state: {@code factor}, all beyond the ends of the sequences. */
  Value kept(Value factor) {
    return mask == null ? factor : ops.add(ops.mul(factor, mask), beyond());
  }

  private Value beyond() {
    return ops.sub(g.number(1), mask);
  }

  /** A sequence as a matrix with a row for each step and sample. */
  Value rows(Value sequence, long width) {
    return ops.reshape(sequence, -1, width);
  }

  /** Rows as a sequence. */
  Value steps(Value rows) {
    Value lead = ops.shape(g.x(0), 0, 2);
    return ops.reshape(rows, ops.concat(0, List.of(lead, ops.ints(-1))));
  }

  long inputs() {
    return g.knownDim(g.x(1), 2);
  }

  /** x W' plus a bias, for all steps. */
  Value fromInput(Value bias) {
    return product(rows(x, inputs()), parameter(1).orElseThrow(), bias);
  }

  /** rows weights' + bias, where the bias may be absent. */
  Value product(Value rows, Value weights, Value bias) {
    Map<String, Attribute> transposed = Map.of("transB", Attribute.of(1));
    return bias == null
        ? ops.call("Gemm", transposed, rows, weights)
        : ops.call("Gemm", transposed, rows, weights, bias);
  }

  /** The bias of the input and that of the state; empty if the node has none. */
  List<Value> biases(int gates) {
    return parameter(3)
        .map(bias -> ops.split(bias, 0, ops.ints(gates * hidden, gates * hidden), 2))
        .orElse(List.of());
  }

  /** The parts of the last axis. */
  List<Value> gates(Ops emitter, Value all, int count) {
    long[] sizes = new long[count];
    Arrays.fill(sizes, hidden);
    return emitter.split(all, -1, emitter.ints(sizes), count);
  }

  private Value clipped(Ops emitter, Value x, float limit) {
    return emitter.call("Clip", x, g.number(-limit), g.number(limit));
  }

  private float limit() {
    float clip = g.node().floatAttribute("clip", 0);
    return clip > 0 ? clip : Float.POSITIVE_INFINITY;
  }

  /** A gate: the activation of what it is given, clipped. */
  Value gate(Ops emitter, int activation, Value given) {
    float limit = limit();
    return activation(activation)
        .of(g, emitter, Float.isInfinite(limit) ? given : clipped(emitter, given, limit));
  }

  /** A gate of all steps with its derivative. */
  RecurrentActivation.Curve curve(int activation, Value given) {
    float limit = limit();
    if (Float.isInfinite(limit)) {
      return activation(activation).curve(g, ops, given);
    }
    var curve = activation(activation).curve(g, ops, clipped(ops, given, limit));
    Value inside = g.mask(ops.less(ops.call("Abs", given), g.number(limit)));
    return new RecurrentActivation.Curve(curve.y(), ops.mul(curve.slope(), inside));
  }

  /** A loop in the order of the steps. */
  ScanLoop forwardLoop() {
    return new ScanLoop(g, ops, backwards);
  }

  /** A loop against the order of the steps. */
  BackwardLoop backwardLoop() {
    return new BackwardLoop();
  }

  /** A loop against the order of the steps, and the gradient of the output in it. */
  final class BackwardLoop {
    final ScanLoop loop = new ScanLoop(g, ops, !backwards);
    final Ops inside = loop.ops();
    private final Value carried = loop.state(carried(1));
    private final Value beyond = mask == null ? null : loop.step(beyond());

    /** The gradient of a step's output, from outside and from the step after. */
    final Value dh =
        g.hasGradient(0)
            ? inside.add(carried, loop.step(masked(inOrder(ofDirection(g.dy(0), 1)))))
            : carried;

    /** Says what reaches the output of the step before. */
    void next(Value gradient) {
      loop.next(carried, beyond == null ? gradient : inside.add(gradient, inside.mul(dh, beyond)));
    }
  }

  /** The gradient of an output that is the last state. */
  Value carried(int output) {
    return g.hasGradient(output) ? ofDirection(g.dy(output), 0) : zeros();
  }

  /**
   * The gradients of X, W, B and the initial state, by their input's number.
   *
   * @param fromInput [time, batch, gates] of what comes from the input
   * @param fromState rows of what comes from the state
   */
  Map<Integer, Value> gradients(int gates, Value fromInput, Value fromState, Value initial) {
    Value rows = rows(fromInput, gates * hidden);
    Map<Integer, Value> all = new HashMap<>();
    if (g.wants(0)) {
      all.put(0, inOrder(steps(ops.gemm(rows, false, parameter(1).orElseThrow(), false))));
    }
    all.put(1, ops.gemm(rows, true, rows(x, inputs()), false));
    all.put(3, ops.concat(0, List.of(sum(rows), sum(fromState))));
    all.put(5, initial);
    return all;
  }

  /** The sum over all rows. */
  private Value sum(Value rows) {
    return ops.reduceSum(rows, new long[] {0}, false);
  }
}
