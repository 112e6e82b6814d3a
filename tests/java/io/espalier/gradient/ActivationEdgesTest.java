package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Activations where they have a corner, and far out: values are those of the definitions. */
class ActivationEdgesTest {
  /** The values, then the slopes. */
  private static double[][] run(String operator, float... x) throws IOException {
    Graph graph = new Graph("g", null);
    Ops ops = new Ops(graph);
    Model model = new Model(10, Map.of("", Ops.OPSET), graph, List.of());
    Value input = graph.addInput("x");
    input.setType(new TensorType(DataType.FLOAT, Optional.of(List.of(new Dim.Known(x.length)))));
    Value y = ops.call(operator, input);
    Value loss = ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), y);
    Gradients gradients = Backward.of(graph, loss, List.of(input), InferredTypes.of(model));
    Value slope = gradients.of().get(input);
    graph.setOutputs(List.of(y, slope));
    try (Session session = GradientCheck.open(model)) {
      Map<String, Datum> found =
          session.run(Map.of("x", Datum.of(ArrayTensor.of(Shape.of(x.length), x))));
      return new double[][] {
        GradientCheck.numbers(found.get(y.name())), GradientCheck.numbers(found.get(slope.name()))
      };
    }
  }

  @ParameterizedTest
  @CsvSource({"Relu,0", "LeakyRelu,0.01", "Elu,1", "Selu,1.75809934", "Celu,1", "Abs,0"})
  void slopeAtZero(String operator, double slope) throws IOException {
    double[][] found = run(operator, 0f);
    assertEquals(0, found[0][0]);
    assertEquals(slope, found[1][0], 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"Sigmoid,0,1", "Tanh,-1,1", "Softsign,-1,1"})
  void farOutNothingOverflows(String operator, double lowest, double highest) throws IOException {
    double[][] found = run(operator, -1e6f, -1000, -501, 501, 1000, 1e6f);
    assertArrayEquals(
        new double[] {lowest, lowest, lowest, highest, highest, highest}, found[0], 2e-3);
    assertArrayEquals(new double[6], found[1], 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"Softplus,0,1", "Elu,-1,1", "Gelu,0,1", "Mish,0,1"})
  void halvesAreFlatOrStraight(String operator, double lowest, double slope) throws IOException {
    double[][] found = run(operator, -1000, -501, 501, 1000);
    assertArrayEquals(new double[] {lowest, lowest, 501, 1000}, found[0], 1e-3);
    assertArrayEquals(new double[] {0, 0, slope, slope}, found[1], 1e-5);
  }
}
