package io.espalier.gradient;

import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The gradient of one direction of an {@code LSTM}. With gates i, o, f, g (the operator's order),
 * cell c and output h = o k(c):
 *
 * <p>dc = dc' + dh o k'(c) + (peephole of o); do = dh k(c) o'; di = dc g i'; df = dc c_ f'; dg = dc
 * i g'; dc_ = dc f + (peepholes of i and f); dh_ = [di do df dg] R, where ' is the derivative and _
 * the step before. All factors are computed for all steps at once, and what peepholes add is in
 * those of dc and dc_.
 */
final class LstmGradient {
  private static final int GATES = 4;

  private final GradientContext g;
  private final Ops ops;
  private final Recurrence r;
  private final boolean coupled;
  private final List<Value> peepholes;
  private final List<Value> sums;

  private LstmGradient(GradientContext g, Ops ops, Recurrence r) {
    this.g = g;
    this.ops = ops;
    this.r = r;
    this.coupled = g.node().intAttribute("input_forget", 0) != 0;
    this.peepholes = r.parameter(7).map(all -> r.gates(ops, all, 3)).orElse(List.of());
    List<Value> biases = r.biases(GATES);
    Value bias = biases.isEmpty() ? null : ops.add(biases.get(0), biases.get(1));
    Value weights = r.parameter(2).orElseThrow();
    Value rows = r.product(r.rows(r.before(), r.hidden()), weights, r.fromInput(bias));
    this.sums = r.gates(ops, r.steps(rows), GATES);
  }

  static Map<Integer, Value> of(GradientContext g, Ops ops, Recurrence r) {
    return new LstmGradient(g, ops, r).run();
  }

  /** The sum of a gate and what its peephole sees of the cell. */
  private Value seeing(Ops emitter, int peephole, Value sum, Value cell) {
    return peepholes.isEmpty() ? sum : emitter.add(sum, emitter.mul(cell, peepholes.get(peephole)));
  }

  /** The cells of all steps, which the operator does not tell. */
  private Value cells(Value candidate) {
    ScanLoop loop = r.forwardLoop();
    Value cell = loop.state(r.initial(6));
    Value keep;
    Value entering;
    if (peepholes.isEmpty()) {
      Value input = r.gate(ops, 0, sums.get(0));
      keep = loop.step(r.kept(coupled ? oneMinus(ops, input) : r.gate(ops, 0, sums.get(2))));
      entering = loop.step(r.masked(ops.mul(input, candidate)));
    } else {
      Ops inside = loop.ops();
      Value input = r.gate(inside, 0, seeing(inside, 0, loop.step(sums.get(0)), cell));
      keep =
          coupled
              ? oneMinus(inside, input)
              : r.gate(inside, 0, seeing(inside, 2, loop.step(sums.get(2)), cell));
      entering = inside.mul(input, loop.step(candidate));
    }
    Value next = loop.ops().add(loop.ops().mul(keep, cell), entering);
    loop.next(cell, next);
    loop.keep(next);
    return loop.run().get(1);
  }

  private Value oneMinus(Ops emitter, Value x) {
    return emitter.sub(g.number(1), x);
  }

  private Map<Integer, Value> run() {
    var candidate = r.curve(1, sums.get(3));
    Value cells = cells(candidate.y());
    Value before = r.before(cells, r.initial(6));
    var input = r.curve(0, seeing(ops, 0, sums.get(0), before));
    var output = r.curve(0, seeing(ops, 1, sums.get(1), cells));
    var squashed = r.activation(2).curve(g, ops, cells);
    Value inputFactor = candidate.y();
    Value keep;
    Value forgetFactor = null;
    if (coupled) {
      keep = oneMinus(ops, input.y());
      inputFactor = ops.sub(inputFactor, before);
    } else {
      var forget = r.curve(0, seeing(ops, 2, sums.get(2), before));
      keep = forget.y();
      forgetFactor = r.masked(ops.mul(before, forget.slope()));
    }
    Value toInput = r.masked(ops.mul(inputFactor, input.slope()));
    Value toOutput = r.masked(ops.mul(squashed.y(), output.slope()));
    Value toForget = coupled ? ops.mul(toInput, g.number(0)) : forgetFactor;
    Value toCandidate = r.masked(ops.mul(input.y(), candidate.slope()));
    Value through = seeing(ops, 1, r.masked(ops.mul(output.y(), squashed.slope())), toOutput);
    Value kept = seeing(ops, 2, seeing(ops, 0, r.kept(keep), toInput), toForget);
    Value factors = ops.concat(-1, List.of(toInput, toOutput, toForget, toCandidate));
    return gradients(loop(factors, through, kept), before, cells);
  }

  /**
   * Runs back over the steps.
   *
   * @param factors of the gates, by which dc, for o dh, is multiplied
   * @param through the factor of dh in dc
   * @param kept the factor of dc in dc_
   * @return dh and dc before the first step, and what reaches the gates in all steps
   */
  private List<Value> loop(Value factors, Value through, Value kept) {
    Recurrence.BackwardLoop back = r.backwardLoop();
    Ops inside = back.inside;
    Value later = back.loop.state(r.carried(2));
    Value dCell = inside.add(later, inside.mul(back.dh, back.loop.step(through)));
    Value all = inside.concat(-1, List.of(dCell, back.dh, dCell, dCell));
    Value gates = inside.mul(all, back.loop.step(factors));
    back.next(inside.matMul(gates, r.parameter(2).orElseThrow()));
    back.loop.next(later, inside.mul(dCell, back.loop.step(kept)));
    back.loop.keep(gates);
    return back.loop.run();
  }

  private Map<Integer, Value> gradients(List<Value> results, Value before, Value cells) {
    Value gates = results.get(2);
    Value rows = r.rows(gates, GATES * r.hidden());
    Map<Integer, Value> all = r.gradients(GATES, gates, rows, results.get(0));
    all.put(2, ops.gemm(rows, true, r.rows(r.before(), r.hidden()), false));
    all.put(6, results.get(1));
    if (!peepholes.isEmpty()) {
      List<Value> parts = r.gates(ops, gates, GATES);
      List<Value> seen = List.of(before, cells, before);
      List<Value> sums = new ArrayList<>();
      for (int i = 0; i < seen.size(); i++) {
        sums.add(ops.reduceSum(ops.mul(parts.get(i), seen.get(i)), new long[] {0, 1}, false));
      }
      all.put(7, ops.concat(0, sums));
    }
    return all;
  }
}
