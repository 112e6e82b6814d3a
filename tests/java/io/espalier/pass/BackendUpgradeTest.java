package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.BackendSuite;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Ops;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What the cases of ONNX's own backend suite compute, before and after they are upgraded. */
class BackendUpgradeTest {
  private static final Engine ENGINE = new OrtEngine();

  /** Scan at opset 8, whose loops over a batch nothing says today. */
  private static final Set<String> REFUSED = Set.of("Scan");

  private enum Result {
    SAME_BITS,
    NOT_RUN_BEFORE,
    REFUSED,
    UP_TO_DATE
  }

  @Test
  void anUpgradeKeepsEveryBit() throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<Result, Integer> counts = new TreeMap<>();
    for (Path path : BackendSuite.models()) {
      try (OnnxFile file = OnnxFile.open(path)) {
        List<Tensor> data = BackendSuite.inputs(path.getParent());
        counts.merge(check(file.model(), data), 1, Integer::sum);
      } catch (ModelException | AssertionError e) {
        wrong.add(path + ": " + e.getMessage());
      }
    }
    System.out.println("upgrades of the backend suite: " + counts);
    assertEquals("", String.join("\n", wrong));
    assertTrue(counts.getOrDefault(Result.SAME_BITS, 0) > 0);
  }

  private static Result check(Model model, List<Tensor> data) {
    if (model.opsets().getOrDefault("", Ops.OPSET) >= Ops.OPSET) {
      return Result.UP_TO_DATE;
    }
    Model before = ModelCopy.of(model, 10).model();
    Model after = ModelCopy.of(model, 10).model();
    Map<Value, Tensor> expected;
    try {
      expected = run(before, data);
    } catch (ModelException e) {
      return Result.NOT_RUN_BEFORE;
    }
    PassResult result = new OpsetUpgrade(ENGINE.types(after)).run(after);
    if (!result.refusals().isEmpty()) {
      assertTrue(REFUSED.contains(after.graph().nodes().get(0).operator().toString()));
      return Result.REFUSED;
    }
    Map<Value, Tensor> found = run(after, data);
    for (int i = 0; i < before.graph().outputs().size(); i++) {
      Tensor wanted = expected.get(before.graph().outputs().get(i));
      if (wanted != null) {
        requireSameBits(wanted, found.get(after.graph().outputs().get(i)));
      }
    }
    return Result.SAME_BITS;
  }

  private static Map<Value, Tensor> run(Model model, List<Tensor> data) {
    Graph graph = model.graph();
    Map<Value, Tensor> inputs = new HashMap<>();
    if (data.isEmpty()) {
      inputs.putAll(ENGINE.inputs(model, 1).orElseThrow(() -> new ModelException("no inputs")));
    }
    for (int i = 0; i < Math.min(data.size(), graph.inputs().size()); i++) {
      inputs.put(graph.inputs().get(i), data.get(i));
    }
    return ENGINE.evaluate(model, inputs, List.copyOf(graph.outputs()));
  }

  private static void requireSameBits(Tensor wanted, Tensor got) {
    assertEquals(wanted.shape(), got.shape());
    assertEquals(wanted.dataType(), got.dataType());
    if (wanted.bytes().equals(got.bytes())) {
      return;
    }
    IntToDoubleFunction was = Elements.of(wanted).orElseThrow();
    IntToDoubleFunction is = Elements.of(got).orElseThrow();
    for (int i = 0; i < wanted.shape().elements(); i++) {
      long expected = Double.doubleToLongBits(was.applyAsDouble(i)); // one pattern for NaN
      assertEquals(expected, Double.doubleToLongBits(is.applyAsDouble(i)), "element " + i);
    }
  }
}
