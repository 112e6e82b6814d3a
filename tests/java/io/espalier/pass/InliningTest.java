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
  void branchesOfDifferentShapesStay() {
    Value x = net.x(0, 3);
    Value sums = ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), x);
    Node node = branching(ops.greater(sums, ops.scalar(DataType.FLOAT, 0)), x);
    Graph then = node.subgraphs().get(0);
    Value wide = new Ops(then).concat(1, List.of(then.outputs().get(0), then.outputs().get(0)));
    then.setOutputs(List.of(wide));
    net.graph.addOutput(node.outputs().get(0));
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

  @Test
  void aFunctionTakesTheAttributesOfItsCall() {
    OperatorId leaky = new OperatorId("own", "Leaky", "");
    Graph body = new Graph("Leaky", null);
    Value a = body.addInput("a");
    Node inner = body.addNode("", OperatorId.of("LeakyRelu"), List.of(body.declare("b")));
    inner.addInput(a);
    inner.setAttribute("alpha", new Attribute.ReferenceAttribute("slope", 1));
    body.addOutput(inner.outputs().get(0));
    Function function = new Function(leaky, body, Map.of("slope", Attribute.of(0.5f)));
    Value first = ops.call(leaky, Map.of("slope", Attribute.of(0.25f)), 1, net.x(0, 3)).get(0);
    net.graph.addOutput(ops.call(leaky, Map.of(), 1, first).get(0));
    Map<String, Long> opsets = Map.of("", Ops.OPSET, "own", 1L);
    Model model = new Model(10, opsets, net.graph, List.of(function));
    List<Node> nodes = WorkingCopy.of(model, Net.ENGINE).model().graph().nodes();
    assertEquals(0.25f, nodes.get(0).floatAttribute("alpha", 1));
    assertEquals(0.5f, nodes.get(1).floatAttribute("alpha", 1));
  }

  @Test
  void aWeightOfAFunctionIsOneHoweverOftenItIsCalled() {
    OperatorId dense = new OperatorId("own", "Dense", "");
    Graph body = new Graph("Dense", null);
    Value a = body.addInput("a");
    Node constant = body.addNode("", OperatorId.of("Constant"), List.of(body.declare("w")));
    constant.setAttribute("value", Attribute.of(net.tensor(3, 3)));
    Value w = constant.outputs().get(0);
    body.addOutput(new Ops(body).matMul(a, w));
    Value inner = ops.call(dense, Map.of(), 1, net.x(0, 3)).get(0);
    net.graph.addOutput(ops.call(dense, Map.of(), 1, inner).get(0));
    Map<String, Long> opsets = Map.of("", Ops.OPSET, "own", 1L);
    Model model = new Model(10, opsets, net.graph, List.of(new Function(dense, body)));
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    List<Value> weights = TrainableWeights.of(copy.model().graph());
    assertEquals(List.of(w), weights.stream().map(copy::original).toList());
    assertSame(model, copy.model());
  }

  @Test
  void bothBranchesAreComputedWhereTheConditionIsComputed() {
    Value x = net.x(0, 3);
    Value sums = ops.reduceSum(x, new long[] {0, 1}, true);
    Node node = branching(ops.greater(sums, ops.scalar(DataType.FLOAT, 0)), x);
    net.graph.addOutput(node.outputs().get(0));
    Model model = new Model(10, Map.of("", Ops.OPSET), net.graph, List.of());
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(0, copy.model().graph().nodes().stream().filter(inner -> inner.is("If")).count());
    assertSame(model, copy.model());
    List<Value> weights = TrainableWeights.of(copy.model().graph());
    assertEquals(
        List.of("then_branch", "else_branch"),
        weights.stream().map(weight -> copy.original(weight).graph().name()).toList());
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
