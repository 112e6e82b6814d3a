package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InliningTest {
  private final Net net = new Net();
  private final Ops ops = net.ops;

  private Node branching(Value condition, Value x) {
    Node node = net.graph.addNode("if", OperatorId.of("If"), List.of(net.graph.declare("y")));
    node.addInput(condition);
    for (String name : List.of("then_branch", "else_branch")) {
      Graph body = new Graph(name, net.graph);
      Value w = body.declare("w");
      w.setInitializer(net.tensor(3, 3));
      Value result = new Ops(body).matMul(x, w);
      body.addOutput(name.startsWith("then") ? result : new Ops(body).neg(result));
      node.setAttribute(name, new Attribute.GraphAttribute(body));
    }
    return node;
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "shape"})
  void theBranchThatIsAlwaysTaken(String condition) {
    Value x = net.x(0, 3);
    Value taken =
        condition.equals("constant")
            ? ops.scalar(DataType.BOOL, 0)
            : ops.equal(ops.shape(x, 1, 2), ops.ints(4));
    Node node = branching(taken, x);
    net.graph.addOutput(node.outputs().get(0));
    Model model = new Model(10, Map.of("", Ops.OPSET), net.graph, List.of());
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(0, copy.model().graph().nodes().stream().filter(inner -> inner.is("If")).count());
    assertSame(model, copy.model());
    assertEquals(1, TrainableWeights.of(copy.model().graph()).size());
  }

  @Test
  void aBranchThatDependsOnTheInputStays() {
    Value x = net.x(0, 3);
    Value positive =
        ops.greater(
            ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), x),
            ops.scalar(DataType.FLOAT, 0));
    net.graph.addOutput(branching(positive, x).outputs().get(0));
    Model model = new Model(10, Map.of("", Ops.OPSET), net.graph, List.of());
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(List.of("ReduceSum", "Greater", "If"), operators(copy.model()));
  }

  @Test
  void functionsAreCalledInPlace() {
    OperatorId twice = new OperatorId("own", "Twice", "");
    Graph body = new Graph("Twice", null);
    Value a = body.addInput("a");
    body.addOutput(new Ops(body).add(a, a));
    Value inner = ops.call(twice, Map.of(), 1, net.x(0, 3)).get(0);
    Value y = ops.call(twice, Map.of(), 1, inner).get(0);
    net.graph.addOutput(y);
    Model model =
        new Model(
            10, Map.of("", Ops.OPSET, "own", 1L), net.graph, List.of(new Function(twice, body)));
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(List.of("Add", "Add"), operators(copy.model()));
    assertSame(model, copy.model());
  }

  private static List<String> operators(Model model) {
    return Stream.of(model.graph()).flatMap(g -> g.nodes().stream()).map(Node::opType).toList();
  }

  private void assertSame(Model before, Model after) {
    assertEquals(before.graph().outputs().get(0).name(), after.graph().outputs().get(0).name());
    Map<String, Tensor> feeds = Map.of("x", net.tensor(2, 3));
    assertEquals(
        Net.run(before, before.graph().outputs().get(0), feeds).bytes(),
        Net.run(after, after.graph().outputs().get(0), feeds).bytes());
  }
}
