package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.runtime.Datum;
import io.espalier.runtime.InferredTypes;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackwardTest {
  private final Graph graph = new Graph("g", null);
  private final Ops ops = new Ops(graph);
  private final Model model = new Model(10, Map.of("", Ops.OPSET), graph, List.of());
  private final Value x = input("x");
  private final Value w = input("w");
  private final Value v = input("v");

  private Value input(String name) {
    Value value = graph.addInput(name);
    value.setType(new TensorType(DataType.FLOAT, Optional.of(List.of(new Dim.Known(2)))));
    return value;
  }

  private Value sum(Value value) {
    return ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), value);
  }

  private Gradients differentiate(Value loss, Value... weights) {
    return Backward.of(graph, loss, List.of(weights), InferredTypes.of(model));
  }

  private double[] run(Value wanted) throws IOException {
    graph.setOutputs(List.of(wanted));
    try (Session session = GradientCheck.open(model)) {
      Map<String, Datum> feeds = Map.of("x", datum(2, 3), "w", datum(5, 7), "v", datum(-1, 1));
      return GradientCheck.numbers(session.run(feeds).get(wanted.name()));
    }
  }

  private static Datum datum(float... elements) {
    return Datum.of(ArrayTensor.of(Shape.of(elements.length), elements));
  }

  @Test
  void addsWhatArrivesOnSeveralWays() throws IOException {
    Value twice = ops.mul(ops.mul(x, w), w);
    Gradients gradients = differentiate(sum(ops.add(twice, w)), w);
    assertEquals("w.grad", gradients.of().get(w).name());
    assertArrayEquals(new double[] {21, 43}, run(gradients.of().get(w)));
  }

  @Test
  void goesOnlyWhereAWeightIs() {
    Value hidden = ops.exp(ops.exp(x));
    int before = graph.nodes().size() + 2;
    differentiate(sum(ops.mul(hidden, w)), w);
    List<Node> backward = graph.nodes().subList(before, graph.nodes().size());
    assertEquals(List.of("Expand", "Mul"), backward.stream().map(Node::opType).toList());
  }

  @Test
  void freezesWhatLiesBehindAnOperatorWithoutARule() throws IOException {
    Value odd = ops.call("Det", ops.reshape(ops.concat(0, List.of(w, w)), 2, 2));
    Value loss = ops.add(ops.add(sum(w), odd), sum(ops.mul(x, v)));
    Gradients gradients = differentiate(loss, w, v);
    assertEquals(List.of(v), List.copyOf(gradients.of().keySet()));
    assertEquals(1, gradients.refusals().size());
    String refusal = gradients.refusals().get(0).toString();
    assertTrue(refusal.contains("no gradient rule for operator Det"), refusal);
    assertTrue(refusal.endsWith("w]"), refusal);
    assertArrayEquals(new double[] {2, 3}, run(gradients.of().get(v)));
  }

  @Test
  void takesStepsForFlat() throws IOException {
    Value rest = ops.sub(w, ops.call("Floor", w));
    Gradients gradients = differentiate(sum(ops.mul(rest, x)), w);
    assertEquals(List.of(), gradients.refusals());
    assertArrayEquals(new double[] {2, 3}, run(gradients.of().get(w)));
  }

  @Test
  void passesStepsStraightThroughWhereThereIsNoOtherWay() throws IOException {
    Value rounded = ops.call("Round", ops.mul(w, ops.scalar(DataType.FLOAT, 4)));
    Gradients gradients = differentiate(sum(ops.mul(rounded, x)), w);
    assertTrue(gradients.refusals().get(0).reason().contains("identity"));
    assertArrayEquals(new double[] {8, 12}, run(gradients.of().get(w)));
  }

  @Test
  void endsAtIntegers() {
    Value index = ops.cast(w, DataType.INT64);
    Value loss = sum(ops.mul(ops.cast(index, DataType.FLOAT), v));
    Gradients gradients = differentiate(loss, w, v);
    assertEquals(List.of(v), List.copyOf(gradients.of().keySet()));
    assertEquals("w", gradients.refusals().get(0).where());
    assertTrue(gradients.refusals().get(0).reason().endsWith("through node Cast (Cast)"));
  }

  @Test
  void refusesALossThatIsNoNumber() {
    assertThrows(IllegalArgumentException.class, () -> differentiate(ops.mul(x, w), w));
  }

  @Test
  void leavesNothingUnusedBehind() {
    Value loss = sum(ops.mul(ops.call("Max", x, w), v));
    Gradients gradients = differentiate(loss, w);
    for (Node node : graph.nodes()) {
      boolean result =
          node.outputs().contains(gradients.of().get(w)) || node.outputs().contains(loss);
      assertFalse(node.outputs().stream().allMatch(y -> y.uses().isEmpty()) && !result);
    }
    assertTrue(graph.initializers().stream().noneMatch(value -> value.uses().isEmpty()));
  }

  @Test
  void givesTwoWeightsTwoNames() throws IOException {
    Gradients gradients = differentiate(sum(ops.add(w, v)), w, v);
    assertEquals(
        List.of("w.grad", "v.grad"), gradients.of().values().stream().map(Value::name).toList());
    assertArrayEquals(new double[] {1, 1}, run(gradients.of().get(v)));
  }

  @Test
  void sumsOverAxesOfUnknownRank() throws IOException {
    Value shape = ops.concat(0, List.of(ops.ints(3), ops.cast(ops.reshape(x, -1), DataType.INT64)));
    Value wide =
        ops.expand(
            ops.scalar(DataType.FLOAT, 1),
            ops.slice(shape, new long[1], new long[] {2}, new long[1], new long[] {1}));
    w.setType(new TensorType(DataType.FLOAT, Optional.empty()));
    Gradients gradients =
        differentiate(
            sum(ops.mul(ops.reshape(wide, ops.concat(0, List.of(ops.ints(3), ops.shape(w)))), w)),
            w);
    assertArrayEquals(new double[] {3, 3}, run(gradients.of().get(w)));
  }
}
