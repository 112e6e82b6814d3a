package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.SessionEvaluator;
import io.espalier.storage.StorageOptions.Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightStorageTest {
  private static StorageResult store(Model model, Form form, double maxOpenRatio) {
    StorageOptions options =
        new StorageOptions(
            form,
            form == Form.AUTO ? Optional.of(maxOpenRatio) : Optional.empty(),
            0,
            false,
            Optional.empty());
    return WeightStorage.store(model, options, false, Optional.of(new SessionEvaluator()));
  }

  private static Tensor weight(double sparsity, int values, long... dims) {
    return EncodingTest.tensor(
        new EncodingTest.Case(DataType.FLOAT, Shape.of(dims), sparsity, values, 13));
  }

  @ParameterizedTest
  @CsvSource({
    "0,    0, dense",
    "0.5,  0, bitmask",
    "0.9,  0, gaps",
    "0,   12, 12 codes",
    "0.5, 12, 'bitmask, 13 codes'",
    "0.95, 12, 'gaps, 13 codes'",
  })
  void theFewestBytes(double sparsity, int values, String encoding) {
    StorageResult result =
        store(EncodingTest.model(weight(sparsity, values, 100, 100), 13), Form.AUTO, 2);
    StoredWeight stored = result.weights().get(0);
    assertEquals(encoding, stored.encoding());
    assertTrue(stored.bytes() <= stored.denseBytes());
    assertTrue(stored.bytes() < 1.25 * stored.entropyBytes() + 16, stored.toString());
  }

  @Test
  void openingIsKeptShort() {
    Model model = EncodingTest.model(weight(0.5, 0, 1600, 1600), 13);
    assertFalse(store(model, Form.AUTO, 2).changed());
    assertTrue(store(model, Form.AUTO, 20).changed());
  }

  @Test
  void packedTakesAsLongAsItTakes() {
    assertTrue(store(EncodingTest.model(weight(0.5, 0, 1600, 1600), 13), Form.PACKED, 1).changed());
  }

  @Test
  void whatIsListedAsInputStays() {
    Model model = EncodingTest.model(weight(0.9, 0, 50, 50), 13);
    model.graph().makeInput(model.graph().find("w").orElseThrow());
    StorageResult kept = store(model, Form.AUTO, 2);
    assertFalse(kept.changed());
    assertTrue(kept.refusals().get(0).reason().contains("--drop-weight-inputs"));
    StorageOptions dropping =
        new StorageOptions(Form.AUTO, Optional.empty(), 0, true, Optional.empty());
    assertTrue(WeightStorage.store(model, dropping, false, Optional.empty()).changed());
    assertEquals(0, model.graph().inputs().size());
  }

  @Test
  void beforeIrVersion4PartsAreInputs() {
    Graph graph = EncodingTest.model(weight(0.9, 0, 50, 50), 9).graph();
    Model old = new Model(3, Map.of("", 9L), graph, List.of());
    graph.makeInput(graph.find("w").orElseThrow());
    assertTrue(store(old, Form.AUTO, 2).changed());
    assertTrue(graph.inputs().containsAll(graph.initializers()));
    assertFalse(graph.inputs().contains(graph.find("w").orElseThrow()));
  }

  @Test
  void sparseInitializersComeAndGo() {
    Tensor dense = weight(0.9, 0, 50, 50);
    Model model = EncodingTest.model(dense, 13);
    Value weight = model.graph().find("w").orElseThrow();
    assertEquals("sparse_initializer", store(model, Form.SPARSE, 2).weights().get(0).encoding());
    assertEquals(dense.bytes(), weight.initializer().orElseThrow().bytes());
    assertTrue(store(model, Form.DENSE, 2).changed());
    assertEquals(dense.bytes(), weight.initializer().orElseThrow().bytes());
  }

  @ParameterizedTest
  @CsvSource({"0.2, 15 codes", "0.01, 254 codes", "0.0005, float16", "1e-9, dense"})
  void roundingStaysWithinTheError(double share, String encoding) {
    Tensor exact = weight(0, 0, 60, 70);
    Model model = EncodingTest.model(exact, 13);
    StorageOptions options =
        new StorageOptions(Form.AUTO, Optional.empty(), share, false, Optional.empty());
    StorageResult result = WeightStorage.store(model, options, false, Optional.empty());
    String found = result.weights().get(0).encoding();
    assertEquals(encoding.replaceAll("[0-9]{3}", "N"), found.replaceAll("[0-9]{3}", "N"));
    PackedWeights.decode(model, 1 << 20);
    Tensor rounded = model.graph().find("w").orElseThrow().initializer().orElseThrow();
    float largest = 0;
    float error = 0;
    for (int i = 0; i < 60 * 70; i++) {
      float before = exact.bytes().getFloat(4 * i);
      largest = Math.max(largest, Math.abs(before));
      error = Math.max(error, Math.abs(before - rounded.bytes().getFloat(4 * i)));
    }
    assertTrue(error <= share * largest * 1.0001, error + " of " + largest);
  }

  @Test
  void equalTensorsAreStoredOnce() {
    Graph graph = EncodingTest.model(weight(0, 0, 20, 20), 13).graph();
    Value twin = graph.declare("twin");
    twin.setInitializer(weight(0, 0, 20, 20));
    Value out = graph.declare("z");
    graph.addNode("m", OperatorId.of("Relu"), List.of(out)).addInput(twin);
    graph.addOutput(out);
    Model model = new Model(8, Map.of("", 13L), graph, List.of());
    assertEquals(1, store(model, Form.AUTO, 2).merged());
    assertEquals(1, graph.initializers().size());
  }
}
