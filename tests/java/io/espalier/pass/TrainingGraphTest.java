package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxFile;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training graphs of whole networks; tools/make_gradient_fixtures.py wrote what is expected. */
class TrainingGraphTest {
  private static final Path FIXTURES = Path.of("tests/resources/gradient");
  private static final Engine ENGINE = new OrtEngine();

  @ParameterizedTest
  @ValueSource(strings = {"mlp", "lenet5", "cifar", "resnet8"})
  void computesTheLossThatPyTorchComputes(String net) throws IOException {
    try (OnnxFile file = OnnxFile.open(FIXTURES.resolve(net + ".onnx"));
        OnnxFile expected = OnnxFile.open(FIXTURES.resolve(net + ".expected.onnx"))) {
      Graph answers = expected.model().graph();
      WorkingCopy copy = WorkingCopy.of(file.model(), ENGINE);
      TrainingGraph training =
          TrainingGraphs.derive(
              copy, TrainingOptions.training(LossOptions.of(LossKind.LABELS)), ENGINE);

      Map<Value, Tensor> feeds = new HashMap<>();
      feeds.put(copy(training, "x"), tensor(answers, "x"));
      feeds.put(training.targets().orElseThrow(), tensor(answers, "labels"));
      training.weights().forEach(weight -> feeds.put(weight.input(), weight.initial()));
      training.statistics().forEach(one -> feeds.put(one.input(), one.initial()));

      Tensor loss =
          ENGINE.evaluate(training.model(), feeds, List.of(training.loss())).get(training.loss());
      assertEquals(
          tensor(answers, "loss").bytes().getFloat(0), loss.bytes().getFloat(0), 1e-4, net);
      boolean inTrainingMode =
          training.model().graph().nodes().stream().anyMatch(n -> n.is("BatchNormalization"));
      assertEquals(inTrainingMode, !training.refusals().isEmpty(), training.refusals().toString());
      training
          .refusals()
          .forEach(r -> assertTrue(r.reason().contains("in training mode"), r.reason()));
      for (TrainingInputs.Weight weight : training.weights()) {
        assertEquals(file.model().graph(), weight.original().graph());
        assertEquals(weight.initial(), weight.original().initializer().orElseThrow());
      }
    }
  }

  private static Value copy(TrainingGraph training, String name) {
    return training.model().graph().find(name).orElseThrow();
  }

  private static Tensor tensor(Graph answers, String name) {
    return answers.find(name).orElseThrow().initializer().orElseThrow();
  }
}
