package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.SharedData;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxFile;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Models as they are found, where the shared data are there. */
class RealModelsTest {
  private static final Engine ENGINE = new OrtEngine();
  private static final Path OWN = Path.of("models/digits-lenet5.onnx");

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>(SharedData.files("onnx", ".onnx"));
    files.add(OWN);
    return files;
  }

  @Test
  void anUpgradeKeepsEveryBit() throws IOException {
    for (Path path : files()) {
      try (OnnxFile file = OnnxFile.open(path)) {
        Model before = ModelCopy.of(file.model(), 10).model();
        Model after = ModelCopy.of(file.model(), 10).model();
        for (Graph graph : List.of(before.graph(), after.graph())) {
          graph.initializers().stream().filter(Value::isGraphInput).forEach(graph::makeConstant);
        }
        PassResult result = new OpsetUpgrade(ENGINE.types(after)).run(after);
        assertEquals(List.of(), result.refusals(), path::toString);
        compare(path, before, after);
      }
    }
  }

  private static void compare(Path path, Model before, Model after) {
    Map<Value, Tensor> inputs = ENGINE.inputs(before, 1).orElseThrow();
    Map<Value, Tensor> same = new HashMap<>();
    inputs.forEach(
        (input, tensor) -> same.put(after.graph().find(input.name()).orElseThrow(), tensor));
    Map<Value, Tensor> expected = ENGINE.evaluate(before, inputs, before.graph().outputs());
    Map<Value, Tensor> found = ENGINE.evaluate(after, same, after.graph().outputs());
    for (int i = 0; i < before.graph().outputs().size(); i++) {
      Tensor wanted = expected.get(before.graph().outputs().get(i));
      if (wanted != null) {
        Tensor got = found.get(after.graph().outputs().get(i));
        assertEquals(wanted.bytes(), got.bytes(), () -> path + ": " + before.graph().outputs());
      }
    }
  }

  @Test
  void trainingGraphsOpen() throws IOException {
    for (Path path : files()) {
      try (OnnxFile file = OnnxFile.open(path)) {
        WorkingCopy copy = WorkingCopy.of(file.model(), ENGINE);
        assertEquals(
            List.of(),
            copy.refusals().stream().filter(r -> !r.where().startsWith("input ")).toList(),
            path::toString);
        TrainingGraph training =
            TrainingGraphs.derive(copy, TrainingOptions.training(LossOptions.distilled(2)), ENGINE);
        assertTrue(ENGINE.types(training.model()).of(training.loss()).isPresent());
        assertFalse(training.teachers().isEmpty());
      }
    }
  }
}
