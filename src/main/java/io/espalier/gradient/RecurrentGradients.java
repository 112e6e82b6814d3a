package io.espalier.gradient;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gradients of recurrent nodes: each direction by itself, then put together. */
final class RecurrentGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          entry("LSTM", rule(LstmGradient::of, "Sigmoid", "Tanh", "Tanh")),
          entry("GRU", rule(GruGradient::of, "Sigmoid", "Tanh")),
          entry("RNN", rule(RecurrentGradients::rnn, "Tanh")));

  /** Emits the gradients of one direction, by the number of the input, without that axis. */
  @FunctionalInterface
  private interface Cell {
    Map<Integer, Value> emit(GradientContext g, Ops ops, Recurrence r);
  }

  private RecurrentGradients() {}

  private static GradientRule rule(Cell cell, String... activations) {
    return GradientRule.together((g, ops) -> emit(g, ops, cell, List.of(activations)))
        .ofAllOutputs();
  }

  private static List<Value> emit(GradientContext g, Ops ops, Cell cell, List<String> activations) {
    if (g.node().intAttribute("layout", 0) != 0) {
      throw g.refuse("its layout is 1, which onnxruntime does not run");
    }
    int directions = Math.toIntExact(g.knownDim(g.x(2), 0));
    var functions = RecurrentActivation.of(g, activations, directions);
    Value y = outputs(g, ops);
    List<Map<Integer, Value>> found = new ArrayList<>();
    for (int i = 0; i < directions; i++) {
      found.add(cell.emit(g, ops, new Recurrence(g, ops, y, i, functions)));
    }
    List<Value> gradients = new ArrayList<>();
    for (int i = 0; i < g.node().inputs().size(); i++) {
      gradients.add(g.wants(i) ? together(ops, i, found) : null);
    }
    return gradients;
  }

  /** The outputs of all steps; a node that does not give them is computed once more. */
  private static Value outputs(GradientContext g, Ops ops) {
    if (!g.node().outputs().isEmpty() && g.y() != null) {
      return g.y();
    }
    Map<String, Attribute> attributes = new HashMap<>(g.node().attributes());
    OperatorId operator = g.node().operator();
    // onnxruntime takes two nodes for one that differ in nothing but the outputs they give
    if (attributes.remove("layout") == null) {
      attributes.put("layout", Attribute.of(0));
    }
    return ops.call(operator, attributes, 1, g.node().inputs().toArray(Value[]::new)).get(0);
  }

  /** The input has one gradient, which is the sum; the others have an axis of directions. */
  private static Value together(Ops ops, int input, List<Map<Integer, Value>> found) {
    List<Value> parts = found.stream().map(one -> one.get(input)).toList();
    if (parts.contains(null)) {
      return null;
    }
    return input == 0
        ? ops.sum(parts)
        : ops.concat(0, parts.stream().map(part -> ops.unsqueeze(part, 0)).toList());
  }

  /** h = f(x W' + h_ R' + b): da = dh f'; dh_ = da R. */
  private static Map<Integer, Value> rnn(GradientContext g, Ops ops, Recurrence r) {
    List<Value> biases = r.biases(1);
    Value bias = biases.isEmpty() ? null : ops.add(biases.get(0), biases.get(1));
    Value weights = r.parameter(2).orElseThrow();
    Value before = r.rows(r.before(), r.hidden());
    Value sums = r.steps(r.product(before, weights, r.fromInput(bias)));
    Recurrence.BackwardLoop back = r.backwardLoop();
    Value d = back.inside.mul(back.dh, back.loop.step(r.masked(r.curve(0, sums).slope())));
    back.next(back.inside.matMul(d, weights));
    back.loop.keep(d);
    List<Value> results = back.loop.run();
    Value rows = r.rows(results.get(1), r.hidden());
    Map<Integer, Value> all = r.gradients(1, results.get(1), rows, results.get(0));
    all.put(2, ops.gemm(rows, true, before, false));
    return all;
  }
}
