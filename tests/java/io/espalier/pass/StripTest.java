package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StripTest {
  private final Net net = new Net();
  private final Ops ops = net.ops;

  private PassResult strip(Model model) {
    Model before = ModelCopy.of(model).model();
    PassResult result = new Strip().run(model);
    assertEquals(names(before.graph().outputs()), names(model.graph().outputs()));
    assertEquals(names(before.graph().inputs()), names(model.graph().inputs()));
    Map<String, Tensor> feeds = Map.of("x", net.tensor(2, 3));
    for (int i = 0; i < before.graph().outputs().size(); i++) {
      Tensor expected = Net.run(before, before.graph().outputs().get(i), feeds);
      Tensor found = Net.run(model, model.graph().outputs().get(i), feeds);
      assertEquals(expected.bytes(), found.bytes());
    }
    return result;
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }

  private List<String> operators() {
    return net.graph.nodes().stream().map(Node::opType).toList();
  }

  @Test
  void removesWhatInferenceDoesNotNeed() {
    Value hidden = ops.matMul(net.dropout(net.x(0, 3), 0.2), net.weight("w", 3, 3));
    Value dead = ops.exp(ops.matMul(hidden, net.weight("unused", 3, 3)));
    Value y = ops.neg(net.dropout(ops.call("Identity", hidden), 0.5));
    Model model = net.output(ops.call("Identity", y));
    PassResult result = strip(model);
    assertEquals(List.of("MatMul", "Neg"), operators());
    assertEquals(List.of(), result.refusals());
    assertEquals(6, result.changes());
    assertTrue(net.graph.find("unused").isEmpty());
    assertTrue(net.graph.find(dead.name()).isEmpty());
  }

  @Test
  void keepsTheNameOfAnOutput() {
    Value y = net.graph.declare("y");
    Value z = ops.neg(net.x(0, 3));
    Node node = net.graph.addNode("y", OperatorId.of("Identity"), List.of(y));
    node.addInput(z);
    net.graph.addOutput(y);
    strip(new Model(10, Map.of("", Ops.OPSET), net.graph, List.of()));
    assertEquals(List.of("Neg"), operators());
    assertEquals("y", net.graph.nodes().get(0).outputs().get(0).name());
  }

  @Test
  void anIdentityBetweenInputAndOutputStays() {
    strip(net.output(ops.call("Identity", net.x(0, 3))));
    assertEquals(List.of("Identity"), operators());
  }

  @Test
  void anOutputGivenTwiceKeepsBothNames() {
    Value z = ops.neg(net.x(0, 3));
    Value copy = ops.call("Identity", z);
    net.graph.addOutput(copy);
    strip(net.output(z));
    assertEquals(List.of("Neg", "Identity"), operators());
  }

  @Test
  void valuesThatSubgraphsNameStay() {
    Value copy = ops.call("Identity", net.x(0, 3));
    Node branch =
        net.graph.addNode("if", OperatorId.of("If"), List.of(net.graph.declare("chosen")));
    branch.addInput(ops.scalar(DataType.BOOL, 1));
    Value inner = ops.neg(copy);
    for (String name : List.of("then_branch", "else_branch")) {
      Graph body = new Graph(name, net.graph);
      body.addOutput(new Ops(body).call("Neg", inner));
      branch.setAttribute(name, new Attribute.GraphAttribute(body));
    }
    strip(net.output(branch.outputs().get(0)));
    assertEquals(new TreeSet<>(List.of("If", "Neg")), new TreeSet<>(operators()));
  }

  @Test
  void trainingFormsBecomeThoseOfInference() {
    Value x = net.x(0, 3);
    Value dropped =
        ops.call("Dropout", x, ops.scalar(DataType.FLOAT, 0.5), ops.scalar(DataType.BOOL, 1));
    Value inference = net.batchNormalization(dropped, 3);
    Node node = inference.producer().orElseThrow();
    List<Value> outputs =
        List.of(inference, net.graph.declare("running_mean"), net.graph.declare("running_var"));
    List<Value> inputs = List.copyOf(node.inputs());
    Node training = net.graph.replace(node, node.operator(), outputs);
    inputs.forEach(training::addInput);
    training.setAttribute("epsilon", Attribute.of(0.01f));
    training.setAttribute("training_mode", Attribute.of(1));
    Model model = net.output(inference);
    PassResult result = new Strip().run(model);
    assertEquals(List.of("BatchNormalization"), operators());
    assertEquals(1, net.graph.nodes().get(0).outputs().size());
    assertEquals(List.of(), result.refusals());

    Net plain = new Net();
    Model expected = plain.output(plain.batchNormalization(plain.x(0, 3), 3));
    Map<String, Tensor> feeds = Map.of("x", net.tensor(2, 3));
    assertEquals(
        Net.run(expected, expected.graph().outputs().get(0), feeds).bytes(),
        Net.run(model, model.graph().outputs().get(0), feeds).bytes());
  }

  @Test
  void aMaskThatIsUsedStays() {
    List<Value> results = ops.call(OperatorId.of("Dropout"), Map.of(), 2, net.x(0, 3));
    net.graph.addOutput(ops.cast(results.get(1), DataType.FLOAT));
    PassResult result = strip(net.output(ops.neg(results.get(0))));
    assertEquals(1, result.refusals().size());
    assertTrue(operators().contains("Dropout"));
  }
}
