package io.espalier.gradient;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/**
 * The gradient of one direction of a {@code GRU}: h = (1 - z) g + z h_, with gates z and r, and the
 * candidate g made of r (h_ R + b), or of (r h_) R + b. Here _ is the step before. All factors of
 * dh are computed for all steps at once.
 */
final class GruGradient {
  private static final int GATES = 3;

  private final GradientContext g;
  private final Ops ops;
  private final Recurrence r;
  private final List<Value> weights;
  private final Value fromInput;
  private final List<Value> stateBiases;
  private final Value beforeRows;

  private GruGradient(GradientContext g, Ops ops, Recurrence r) {
    this.g = g;
    this.ops = ops;
    this.r = r;
    Value all = r.parameter(2).orElseThrow();
    long width = r.hidden();
    this.weights = ops.split(all, 0, ops.ints(2 * width, width), 2);
    List<Value> biases = r.biases(GATES);
    this.fromInput = r.steps(r.fromInput(biases.isEmpty() ? null : biases.get(0)));
    this.stateBiases =
        biases.isEmpty() ? null : ops.split(biases.get(1), 0, ops.ints(2 * width, width), 2);
    this.beforeRows = r.rows(r.before(), width);
  }

  static Map<Integer, Value> of(GradientContext g, Ops ops, Recurrence r) {
    GruGradient gradient = new GruGradient(g, ops, r);
    return g.node().intAttribute("linear_before_reset", 0) != 0
        ? gradient.linearBeforeReset()
        : gradient.resetBeforeLinear();
  }

  private Value fromState(Value rows, int part) {
    return r.steps(r.product(rows, weights.get(part), bias(part)));
  }

  private Value bias(int part) {
    return stateBiases == null ? null : stateBiases.get(part);
  }

  /** z, r and g of all steps, and the factors of dh that are common to both forms. */
  private record Curves(
      RecurrentActivation.Curve update,
      RecurrentActivation.Curve reset,
      RecurrentActivation.Curve candidate) {}

  private Value updateFactor(Curves curves) {
    Value change = ops.sub(r.before(), curves.candidate().y());
    return r.masked(ops.mul(change, curves.update().slope()));
  }

  private Value candidateFactor(Curves curves) {
    Value open = ops.sub(g.number(1), curves.update().y());
    return r.masked(ops.mul(open, curves.candidate().slope()));
  }

  private Map<Integer, Value> linearBeforeReset() {
    List<Value> inputs = r.gates(ops, fromInput, GATES);
    List<Value> states = r.gates(ops, fromState(beforeRows, 0), 2);
    Value linear = fromState(beforeRows, 1);
    var update = r.curve(0, ops.add(inputs.get(0), states.get(0)));
    var reset = r.curve(0, ops.add(inputs.get(1), states.get(1)));
    var candidate = r.curve(1, ops.add(inputs.get(2), ops.mul(reset.y(), linear)));
    Curves curves = new Curves(update, reset, candidate);
    Value toCandidate = candidateFactor(curves);
    Recurrence.BackwardLoop back = r.backwardLoop();
    Ops inside = back.inside;
    Value toReset = ops.mul(toCandidate, ops.mul(linear, reset.slope()));
    Value dUpdate = inside.mul(back.dh, back.loop.step(updateFactor(curves)));
    Value dReset = inside.mul(back.dh, back.loop.step(toReset));
    Value dLinear = inside.mul(back.dh, back.loop.step(ops.mul(toCandidate, reset.y())));
    Value gates = inside.concat(-1, List.of(dUpdate, dReset, dLinear));
    Value product = inside.matMul(gates, r.parameter(2).orElseThrow());
    back.next(inside.add(product, inside.mul(back.dh, back.loop.step(r.masked(update.y())))));
    back.loop.keep(back.dh);
    back.loop.keep(gates);
    List<Value> results = back.loop.run();
    List<Value> parts = r.gates(ops, results.get(2), GATES);
    Value sums =
        ops.concat(-1, List.of(parts.get(0), parts.get(1), ops.mul(results.get(1), toCandidate)));
    Value rows = r.rows(results.get(2), GATES * r.hidden());
    Map<Integer, Value> all = r.gradients(GATES, sums, rows, results.get(0));
    all.put(2, ops.gemm(rows, true, beforeRows, false));
    return all;
  }

  private Map<Integer, Value> resetBeforeLinear() {
    List<Value> inputs = r.gates(ops, fromInput, GATES);
    List<Value> states = r.gates(ops, fromState(beforeRows, 0), 2);
    var update = r.curve(0, ops.add(inputs.get(0), states.get(0)));
    var reset = r.curve(0, ops.add(inputs.get(1), states.get(1)));
    Value resetRows = r.rows(ops.mul(reset.y(), r.before()), r.hidden());
    var candidate = r.curve(1, ops.add(inputs.get(2), fromState(resetRows, 1)));
    Curves curves = new Curves(update, reset, candidate);
    Recurrence.BackwardLoop back = r.backwardLoop();
    Ops inside = back.inside;
    Value dUpdate = inside.mul(back.dh, back.loop.step(updateFactor(curves)));
    Value dCandidate = inside.mul(back.dh, back.loop.step(candidateFactor(curves)));
    Value dState = inside.matMul(dCandidate, weights.get(1));
    Value dReset = inside.mul(dState, back.loop.step(ops.mul(r.before(), reset.slope())));
    Value two = inside.concat(-1, List.of(dUpdate, dReset));
    Value direct = inside.mul(back.dh, back.loop.step(r.masked(update.y())));
    Value throughReset = inside.mul(dState, back.loop.step(reset.y()));
    back.next(inside.sum(List.of(direct, inside.matMul(two, weights.get(0)), throughReset)));
    back.loop.keep(two);
    back.loop.keep(dCandidate);
    List<Value> results = back.loop.run();
    Value sums = ops.concat(-1, results.subList(1, 3));
    Map<Integer, Value> all =
        r.gradients(GATES, sums, r.rows(sums, GATES * r.hidden()), results.get(0));
    Value dTwo = ops.gemm(r.rows(results.get(1), 2 * r.hidden()), true, beforeRows, false);
    Value dThird = ops.gemm(r.rows(results.get(2), r.hidden()), true, resetRows, false);
    all.put(2, ops.concat(0, List.of(dTwo, dThird)));
    return all;
  }
}
