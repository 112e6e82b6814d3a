package io.espalier.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelCopyTest {
  private final Graph graph = new Graph("g", null);
  private final Ops ops = new Ops(graph);
  private final Model model = new Model(7, Map.of("", 13L), graph, List.of());

  @Test
  void sharesTensorsAndNothingElse() {
    Value x = graph.addInput("x");
    Value w = ops.floats(1, 2);
    graph.addOutput(ops.add(x, w));
    model.metadata().put("key", "value");
    ModelCopy copy = ModelCopy.of(model, 10);

    assertEquals(10, copy.model().irVersion());
    assertEquals(Map.of("key", "value"), copy.model().metadata());
    assertNotSame(w, copy.of(w));
    assertSame(w.initializer().orElseThrow(), copy.of(w).initializer().orElseThrow());
    assertSame(w, copy.original(copy.of(w)));
    assertSame(copy.model().graph(), copy.of(x).graph());

    Graph changed = copy.model().graph();
    Value made = new Ops(changed).neg(copy.of(x));
    changed.setOutputs(List.of(made));
    copy.model().setOpset("", 21);
    assertNull(copy.original(made));
    assertEquals(1, graph.nodes().size());
    assertEquals(1, x.uses().size());
    assertEquals(13L, model.opsets().get(""));
  }

  @Test
  void copiesSubgraphsWithWhatTheyTakeFromOutside() {
    Value x = graph.addInput("x");
    Node node = graph.addNode("if", OperatorId.of("If"), List.of(graph.declare("y")));
    node.addInput(graph.addInput("condition"));
    Graph body = new Graph("body", graph);
    body.addOutput(new Ops(body).neg(x));
    node.setAttribute("then_branch", new Attribute.GraphAttribute(body));
    graph.addOutput(node.outputs().get(0));

    ModelCopy copy = ModelCopy.of(model);
    Graph copied = copy.model().graph().nodes().get(0).subgraphs().get(0);
    assertNotSame(body, copied);
    assertSame(copy.model().graph(), copied.parent().orElseThrow());
    assertSame(copy.of(x), copied.nodes().get(0).inputs().get(0));
    assertEquals(1, x.uses().size());
  }

  @Test
  void aModelThatWasReadKeepsItsOpset() {
    model.setOrigin("a message");
    assertThrows(IllegalStateException.class, () -> model.setOpset("", 21));
    ModelCopy.of(model).model().setOpset("", 21);
  }

  @Test
  void aNodeTakesThePlaceOfAnother() {
    Value x = graph.addInput("x");
    Value y = ops.neg(x);
    Value z = ops.exp(y);
    Node made = graph.replace(y.producer().orElseThrow(), OperatorId.of("Abs"), List.of(y));
    made.addInput(x);
    assertSame(made, y.producer().orElseThrow());
    assertEquals(List.of(made, z.producer().orElseThrow()), graph.nodes());
    assertEquals(List.of(new Value.Use(made, 0)), x.uses());
    List<Value> none = List.of();
    assertThrows(
        IllegalStateException.class, () -> graph.replace(made, OperatorId.of("Abs"), none));
  }

  @Test
  void aValueStandsForAnOutput() {
    Value x = graph.addInput("x");
    Value y = ops.neg(x);
    Node identity = graph.addNode("out", OperatorId.of("Identity"), List.of(graph.declare("out")));
    identity.addInput(y);
    graph.addOutput(identity.outputs().get(0));
    graph.substitute(identity, List.of(y));
    assertEquals(List.of(y), graph.outputs());
    assertEquals("out", y.name());
    assertSame(y, graph.find("out").orElseThrow());
  }

  @Test
  void aNodeBecomesItsResult() {
    Value x = graph.addInput("x");
    Value one = ops.floats(1);
    Value two = ops.add(one, one);
    Value y = ops.mul(x, two);
    Tensor result = ArrayTensor.of(Shape.of(1), 2f);
    graph.fold(two.producer().orElseThrow(), result);
    assertSame(result, two.initializer().orElseThrow());
    assertEquals(List.of(x, two), y.producer().orElseThrow().inputs());
    assertEquals(List.of(), one.uses());
  }
}
