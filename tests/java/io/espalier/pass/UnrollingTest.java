package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnrollingTest {
  private final Net net = new Net();

  /** tanh(state w) in each round, as the new state and as an output. */
  private static void step(Graph body, Value state, Value input, Value w) {
    Ops ops = new Ops(body);
    Value sum = input == null ? state : ops.add(state, input);
    Value next = ops.call("Tanh", ops.matMul(sum, w));
    body.addOutput(next);
    body.addOutput(ops.call("Identity", next));
  }

  private Value weight(Graph body) {
    Value w = body.declare("w");
    w.setInitializer(net.tensor(3, 3));
    return w;
  }

  private List<Value> loop(Value rounds, Value x) {
    Graph body = new Graph("body", net.graph);
    Value round = body.addInput("round");
    round.setType(new TensorType(DataType.INT64, Optional.of(List.of())));
    Value on = body.addInput("on");
    on.setType(new TensorType(DataType.BOOL, Optional.of(List.of())));
    Value state = body.addInput("state");
    body.addOutput(new Ops(body).call("Identity", on));
    step(body, state, null, weight(body));
    List<Value> results = List.of(net.graph.declare("last"), net.graph.declare("all"));
    Node node = net.graph.addNode("loop", OperatorId.of("Loop"), results);
    node.addInput(rounds);
    node.addInput(null);
    node.addInput(x);
    node.setAttribute("body", new Attribute.GraphAttribute(body));
    return results;
  }

  @Test
  void writesOutALoop() {
    Value x = net.x(2, 3);
    loop(net.ops.scalar(DataType.INT64, 4), x).forEach(net.graph::addOutput);
    WorkingCopy copy = WorkingCopy.of(model(), Net.ENGINE);
    assertTrue(copy.model().graph().nodes().stream().allMatch(n -> n.subgraphs().isEmpty()));
    List<Value> weights = TrainableWeights.of(copy.model().graph());
    assertEquals("body", copy.original(weights.get(0)).graph().name());
    assertSame(copy, 2, 3);
  }

  private Model model() {
    return new Model(10, Map.of("", Ops.OPSET), net.graph, List.of());
  }

  private void assertSame(WorkingCopy copy, long... dims) {
    Map<String, Tensor> feeds = Map.of("x", net.tensor(dims));
    Model model = model();
    for (int i = 0; i < net.graph.outputs().size(); i++) {
      assertEquals(
          Net.run(model, net.graph.outputs().get(i), feeds).bytes(),
          Net.run(copy.model(), copy.model().graph().outputs().get(i), feeds).bytes());
    }
  }

  @Test
  void writesOutAScanThatGoesBackwards() {
    Value x = net.x(2, 5, 3);
    Graph body = new Graph("body", net.graph);
    Value state = body.addInput("state");
    Value input = body.addInput("input");
    step(body, state, input, weight(body));
    List<Value> results = List.of(net.graph.declare("last"), net.graph.declare("all"));
    Node node = net.graph.addNode("scan", OperatorId.of("Scan"), results);
    node.addInput(net.weight("zeros", net.tensor(2, 3)));
    node.addInput(x);
    node.setAttribute("body", new Attribute.GraphAttribute(body));
    node.setAttribute("num_scan_inputs", Attribute.of(1));
    node.setAttribute("scan_input_axes", Attribute.of(new long[] {1}));
    node.setAttribute("scan_input_directions", Attribute.of(new long[] {1}));
    node.setAttribute("scan_output_axes", Attribute.of(new long[] {1}));
    node.setAttribute("scan_output_directions", Attribute.of(new long[] {1}));
    results.forEach(net.graph::addOutput);
    WorkingCopy copy = WorkingCopy.of(model(), Net.ENGINE);
    assertTrue(copy.model().graph().nodes().stream().allMatch(n -> n.subgraphs().isEmpty()));
    assertSame(copy, 2, 5, 3);
  }

  @Test
  void namesALoopThatStays() {
    Value x = net.x(2, 3);
    Value rounds = net.input("rounds", DataType.INT64);
    net.graph.addOutput(loop(rounds, x).get(0));
    WorkingCopy copy = WorkingCopy.of(model(), Net.ENGINE);
    assertTrue(
        copy.refusals().toString().contains("stays a loop: its number of rounds is computed"),
        copy.refusals().toString());
  }
}
