package io.espalier.pass;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings the nodes of the default domain to the form that they have at opset {@link Ops#OPSET}, in
 * all graphs, with bit-equal results. A model of that opset or a newer one is left alone.
 *
 * <p>Whoever upgrades an imported model tries it on a copy first: it keeps its opset where nothing
 * asks for another.
 */
public final class OpsetUpgrade implements Pass {
  private final Types types;
  private int changes;
  private List<Refusal> refusals;

  /** An upgrade of the model whose values {@code types} knows. */
  public OpsetUpgrade(Types types) {
    this.types = types;
  }

  /**
   * Upgrades; where a node is refused, it keeps its form and the model its opset, and is no longer
   * of use.
   */
  @Override
  public PassResult run(Model model) {
    changes = 0;
    refusals = new ArrayList<>();
    long from = model.opsets().getOrDefault("", Ops.OPSET);
    if (from < Ops.OPSET) {
      model.forEachGraph(graph -> upgrade(graph, from));
      if (refusals.isEmpty()) {
        model.raise(Ops.OPSET, model.irVersion());
      }
    }
    return new PassResult(changes, refusals);
  }

  private void upgrade(Graph graph, long from) {
    Ops ops = new Ops(graph);
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.operator().domain().isEmpty()) {
        upgrade(new Upgrade(node, ops, types), from);
      }
    }
  }

  private void upgrade(Upgrade u, long from) {
    String label = u.node().label();
    try {
      if (from < OperatorChanges.NO_CONSUMED_INPUTS) {
        u.node().removeAttribute("consumed_inputs");
      }
      long opset = from;
      Optional<OperatorChange> next = OperatorChanges.after(opset, u.node().opType());
      while (next.isPresent()) {
        next.get().rule().apply(u);
        changes++;
        opset = next.get().since();
        next = OperatorChanges.after(opset, u.node().opType());
      }
    } catch (RefusedException e) {
      refusals.add(
          new Refusal(
              label,
              "cannot be brought from opset " + from + " to " + Ops.OPSET + ": " + e.getMessage()));
    }
  }
}
