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
 * Brings the nodes of the default domain to the form that they have at a newer opset, in all
 * graphs, with bit-equal results, and the model to the IR version that came with that opset. A
 * model of that opset or a newer one is left alone.
 *
 * <p>Whoever upgrades an imported model tries it on a copy first: it keeps its opset where nothing
 * asks for another.
 */
public final class OpsetUpgrade implements Pass {
  /** The oldest opset that a model can be brought to. */
  public static final long OLDEST = 7;

  /** The IR version that was current when an opset came out, from {@link #OLDEST} on. */
  private static final List<Long> IR_VERSIONS =
      List.of(3L, 3L, 4L, 5L, 6L, 7L, 7L, 7L, 8L, 8L, 8L, 8L, 9L, 9L, 10L);

  private final Types types;
  private final long to;
  private int changes;
  private List<Refusal> refusals;

  /** An upgrade to {@link Ops#OPSET} of the model whose values {@code types} knows. */
  public OpsetUpgrade(Types types) {
    this(types, Ops.OPSET);
  }

  /**
   * An upgrade of the model whose values {@code types} knows.
   *
   * @param to the opset, {@link #OLDEST} to {@link Ops#OPSET}
   */
  public OpsetUpgrade(Types types, long to) {
    if (to < OLDEST || to > Ops.OPSET) {
      throw new IllegalArgumentException(
          "opset: expected %d to %d, got %d".formatted(OLDEST, Ops.OPSET, to));
    }
    this.types = types;
    this.to = to;
  }

  /**
   * The first IR version with an opset of the default domain, as the specification's table of
   * versions has it.
   */
  public static long irVersion(long opset) {
    return IR_VERSIONS.get(Math.toIntExact(opset - OLDEST));
  }

  /**
   * Upgrades; where a node is refused, it keeps its form and the model its opset, and is no longer
   * of use.
   */
  @Override
  public PassResult run(Model model) {
    changes = 0;
    refusals = new ArrayList<>();
    long from = model.opsets().getOrDefault("", to);
    if (from < to) {
      model.forEachGraph(graph -> upgrade(graph, from));
      if (refusals.isEmpty()) {
        model.raise(to, irVersion(to));
      }
    }
    return new PassResult(changes, refusals);
  }

  private void upgrade(Graph graph, long from) {
    Ops ops = new Ops(graph);
    for (Node node : List.copyOf(graph.nodes())) {
      if (node.operator().domain().isEmpty()) {
        upgrade(new Upgrade(node, ops, types, to), from);
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
      while (next.isPresent() && next.get().since() <= to) {
        next.get().rule().apply(u);
        changes++;
        opset = next.get().since();
        next = OperatorChanges.after(opset, u.node().opType());
      }
    } catch (RefusedException e) {
      refusals.add(
          new Refusal(
              label, "cannot be brought from opset " + from + " to " + to + ": " + e.getMessage()));
    }
  }
}
