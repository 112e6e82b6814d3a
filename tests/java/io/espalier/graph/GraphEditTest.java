package io.espalier.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class GraphEditTest {
  private final Graph graph = new Graph("g", null);
  private final Ops ops = new Ops(graph);
  private final Value x = graph.addInput("x");

  @Test
  void numbersNamesThatAreTaken() {
    assertEquals("x_1", graph.newValue("x").name());
    assertEquals("x_2", graph.newValue("x").name());
    Graph inside = new Graph("body", graph);
    assertEquals("x_1", new Graph("other", null).newValue("x_1").name());
    assertTrue(inside.newValue("x").name().startsWith("x_"));
  }

  @Test
  void neverGivesANameThatANodeHas() {
    Value neg = ops.neg(x);
    graph.rename(neg, "renamed");
    assertSame(neg, graph.find("renamed").orElseThrow());
    assertEquals("Neg_1", ops.neg(x).name());
  }

  @Test
  void removesWhatNobodyUses() {
    Value neg = ops.neg(x);
    Value twice = ops.neg(neg);
    assertThrows(IllegalStateException.class, () -> graph.remove(neg.producer().orElseThrow()));
    graph.remove(twice.producer().orElseThrow());
    graph.remove(neg.producer().orElseThrow());
    assertTrue(x.uses().isEmpty());
    assertEquals(List.of(), graph.nodes());
    graph.remove(x);
    assertEquals(List.of(), graph.inputs());
  }

  @Test
  void replacesEveryUse() {
    Value y = graph.addInput("y");
    Value square = ops.mul(x, x);
    x.replaceUsesWith(y);
    assertEquals(List.of(y, y), square.producer().orElseThrow().inputs());
    assertTrue(x.uses().isEmpty());
    assertEquals(2, y.uses().size());
  }

  @Test
  void putsNodesInFront() {
    Value last = ops.neg(x);
    Value first = ops.before(last.producer().orElseThrow()).exp(x);
    assertEquals(List.of("Exp", "Neg"), graph.nodes().stream().map(Node::opType).toList());
    assertEquals("Exp", first.name());
  }

  @Test
  void sharesEqualConstants() {
    assertSame(ops.ints(1, 2), ops.ints(1, 2));
    assertSame(ops.scalar(DataType.FLOAT, 1), ops.scalar(DataType.FLOAT, 1));
    assertEquals(2, graph.initializers().size());
  }

  @Test
  void ordersNodesThatWereAddedOutOfOrder() {
    Value late = graph.newValue("late");
    Value result = ops.neg(late);
    Node producer = graph.addNode("p", OperatorId.of("Exp"), List.of(graph.newValue("e")));
    producer.addInput(x);
    late.replaceUsesWith(producer.outputs().get(0));
    assertEquals(
        List.of("Exp", "Neg"), TopologicalOrder.upTo(result).stream().map(Node::opType).toList());
  }
}
