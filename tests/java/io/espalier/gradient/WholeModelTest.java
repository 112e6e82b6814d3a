package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxFile;
import io.espalier.runtime.Datum;
import io.espalier.runtime.InferredTypes;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of whole networks against PyTorch's; tools/make_gradient_fixtures.py wrote them. */
class WholeModelTest {
  private static final Path FIXTURES = Path.of("tests/resources/gradient");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp",
        "lenet5",
        "cifar",
        "resnet8",
        "bilstm",
        "gru",
        "encoder",
        "vit",
        "unet",
        "densenet"
      })
  void agreesWithPyTorch(String net) throws IOException {
    try (OnnxFile file = OnnxFile.open(FIXTURES.resolve(net + ".onnx"));
        OnnxFile expected = OnnxFile.open(FIXTURES.resolve(net + ".expected.onnx"))) {
      Graph graph = file.model().graph();
      Value loss = appendLoss(graph);
      Graph answers = expected.model().graph();
      List<Value> weights =
          graph.initializers().stream()
              .filter(value -> answers.find(value.name()).isPresent())
              .toList();
      Gradients gradients = Backward.of(graph, loss, weights, InferredTypes.of(file.model()));
      assertEquals(List.of(), gradients.refusals());
      assertEquals(weights, List.copyOf(gradients.of().keySet()));
      compare(file.model(), loss, gradients, answers);
    }
  }

  private static Value appendLoss(Graph graph) {
    Value labels = graph.addInput("labels");
    labels.setType(new TensorType(DataType.INT64, Optional.of(List.of(new Dim.Symbol("N")))));
    Value logits = graph.outputs().get(0);
    return new Ops(graph)
        .call(
            OperatorId.of("SoftmaxCrossEntropyLoss"),
            Map.of("reduction", Attribute.of("mean")),
            1,
            logits,
            labels)
        .get(0);
  }

  private static void compare(Model model, Value loss, Gradients gradients, Graph answers)
      throws IOException {
    model.graph().addOutput(loss);
    gradients.of().values().forEach(model.graph()::addOutput);
    try (Session session = GradientCheck.open(model)) {
      Map<String, Datum> results =
          session.run(Map.of("x", datum(answers, "x"), "labels", datum(answers, "labels")));
      assertClose(datum(answers, "loss"), results.get(loss.name()), "loss");
      gradients
          .of()
          .forEach(
              (weight, gradient) -> {
                assertEquals(weight.name() + ".grad", gradient.name());
                assertClose(
                    datum(answers, weight.name()), results.get(gradient.name()), weight.name());
              });
    }
  }

  private static Datum datum(Graph answers, String name) {
    return Datum.of(answers.find(name).orElseThrow().initializer().orElseThrow());
  }

  /** Within 1e-4 of the largest element, or 1e-6: what a normalization takes out is not quite 0. */
  private static void assertClose(Datum expected, Datum actual, String name) {
    double[] wanted = GradientCheck.numbers(expected);
    double[] found = GradientCheck.numbers(actual);
    assertEquals(wanted.length, found.length, name);
    double largest = 0;
    double error = 0;
    for (int i = 0; i < wanted.length; i++) {
      largest = Math.max(largest, Math.abs(wanted[i]));
      error = Math.max(error, Math.abs(wanted[i] - found[i]));
    }
    assertTrue(error <= 1e-4 * largest + 1e-6, name + ": off by " + error + " of " + largest);
  }
}
