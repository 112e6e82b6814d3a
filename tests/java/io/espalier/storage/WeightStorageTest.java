package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.runtime.SessionEvaluator;
import io.espalier.storage.StorageOptions.Form;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightStorageTest {
  private static StorageResult store(Model model, Form form, double maxOpenRatio) {
    StorageOptions options = new StorageOptions(form, maxOpenRatio, false);
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
    "0.95, 12, 'gaps, 12 codes'",
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
    assertTrue(store(model, Form.AUTO, 10).changed());
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
    StorageOptions dropping = new StorageOptions(Form.AUTO, 2, true);
    assertTrue(WeightStorage.store(model, dropping, false, Optional.empty()).changed());
    assertEquals(0, model.graph().inputs().size());
  }

  @Test
  void beforeIrVersion4PartsAreInputs() {
    Graph graph = EncodingTest.model(weight(0.9, 0, 50, 50), 9).graph();
    Model old = new Model(3, java.util.Map.of("", 9L), graph, java.util.List.of());
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
}
