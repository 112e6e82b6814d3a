package io.espalier.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packed weights that were damaged, or made to do harm, are an error and never another weight. */
class PackedWeightsTest {
  private static final EncodingTest.Case SHARED =
      new EncodingTest.Case(DataType.FLOAT, Shape.of(40, 50), 0.9, 12, 13);

  private static Model packed(boolean compressed) {
    Model model = EncodingTest.model(EncodingTest.tensor(SHARED), SHARED.opset());
    StorageOptions options =
        new StorageOptions(
            StorageOptions.Form.PACKED, Optional.empty(), 0, false, Optional.empty());
    assertTrue(WeightStorage.store(model, options, compressed, Optional.empty()).changed());
    return model;
  }

  private static void damage(Model model, String part, int at, int value) {
    Value found = model.graph().find(part).orElseThrow();
    Tensor tensor = found.initializer().orElseThrow();
    ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteSize()).put(tensor.bytes());
    bytes.put(at, (byte) value);
    found.setInitializer(new ArrayTensor(tensor.dataType(), tensor.shape(), bytes.flip()));
  }

  private static String refusal(Model model) {
    return assertThrows(ModelException.class, () -> PackedWeights.decode(model, 1 << 20))
        .getMessage();
  }

  @Test
  void positionsThatOverlap() {
    Model model = packed(true);
    damage(model, "w.gaps", 5, 0);
    assertTrue(refusal(model).contains("each position once"), refusal(model));
  }

  @Test
  void positionsOutside() {
    Model model = packed(true);
    for (int i = 0; i < 20; i++) {
      damage(model, "w.gaps", i, 255);
    }
    assertTrue(refusal(model).contains("weight 'w', packed: "), refusal(model));
  }

  @Test
  void codesOutsideOfTheirTable() {
    Model model = packed(true);
    damage(model, "w.codes", 3, 77);
    assertTrue(refusal(model).contains("codes below 12, got 77"), refusal(model));
  }

  @Test
  void blocksThatOverlapOrLieOutside() {
    Model model = EncodingTest.model(StructuredEncodingTest.someBlocks(40, 60), 13);
    StorageOptions options =
        new StorageOptions(
            StorageOptions.Form.PACKED, Optional.empty(), 0, false, Optional.empty());
    StorageResult stored = WeightStorage.store(model, options, true, Optional.empty());
    assertEquals("2x5 blocks", stored.weights().get(0).encoding());
    damage(model, "w.gaps", 7, 0);
    assertTrue(refusal(model).contains("each position once"), refusal(model));
    damage(model, "w.gaps", 7, 255);
    assertTrue(refusal(model).contains("positions inside of 480x5"), refusal(model));
  }

  @Test
  void axesThatComeTwice() {
    Model model = packedGroups();
    Node transpose =
        model.graph().nodes().stream()
            .filter(node -> node.is("Transpose"))
            .findFirst()
            .orElseThrow();
    transpose.setAttribute("perm", Attribute.of(1L, 1L, 2L, 3L));
    assertTrue(refusal(model).contains("each axis once"), refusal(model));
  }

  private static Model packedGroups() {
    Model model = EncodingTest.model(StructuredEncodingTest.twoOfFour(80, 120), 13);
    StorageOptions options =
        new StorageOptions(
            StorageOptions.Form.PACKED, Optional.empty(), 0, false, Optional.empty());
    StorageResult stored = WeightStorage.store(model, options, true, Optional.empty());
    assertEquals("2:4", stored.weights().get(0).encoding());
    return model;
  }

  @Test
  void patternsThatReachOutOfTheirGroups() {
    Model model = packedGroups();
    Value table =
        model.graph().nodes().stream()
            .filter(node -> node.is("Gather"))
            .map(node -> node.inputs().get(0))
            .findFirst()
            .orElseThrow();
    damage(model, table.name(), 0, 1);
    assertTrue(refusal(model).contains("each position once"), refusal(model));
    damage(model, table.name(), 0, 200);
    assertTrue(refusal(model).contains("positions inside of 80x120, got 200"), refusal(model));
  }

  @Test
  void tooFewPatterns() {
    Model model = packedGroups();
    Value patterns = model.graph().find("w.patterns").orElseThrow();
    patterns.setInitializer(ArrayTensor.of(Shape.of(1), 0L));
    assertTrue(refusal(model).contains("expected"), refusal(model));
  }

  @Test
  void partsOfOtherLengths() {
    Model model = packed(true);
    Value codes = model.graph().find("w.codes").orElseThrow();
    codes.setInitializer(
        new ArrayTensor(DataType.UINT8, Shape.of(3), ByteBuffer.wrap(new byte[3])));
    assertTrue(refusal(model).contains("an index for each value"), refusal(model));
  }

  @Test
  void bombs() {
    Model model = packed(true);
    Value dims =
        model.graph().initializers().stream()
            .filter(part -> part.initializer().orElseThrow().dataType() == DataType.INT64)
            .filter(part -> part.initializer().orElseThrow().bytes().getLong(0) == 40)
            .findFirst()
            .orElseThrow();
    dims.setInitializer(ArrayTensor.of(Shape.of(2), 1L << 20, 1L << 20));
    assertThrows(UnsupportedModelException.class, () -> PackedWeights.decode(model, 1 << 20));
  }

  @ParameterizedTest
  @CsvSource({"CumSum, exclusive", "CumSum, reverse", "Mod, fmod", "ScatterND, reduction"})
  void otherArithmetic(String operator, String attribute) {
    Model model = packed(false);
    Node node =
        model.graph().nodes().stream().filter(one -> one.is(operator)).findFirst().orElseThrow();
    boolean text = attribute.equals("reduction");
    node.setAttribute(attribute, text ? Attribute.of("none") : Attribute.of(0));
    assertEquals(1, PackedWeights.decode(model, 1 << 20));
    Model other = packed(false);
    node = other.graph().nodes().stream().filter(one -> one.is(operator)).findFirst().orElseThrow();
    node.setAttribute(attribute, text ? Attribute.of("add") : Attribute.of(1));
    assertTrue(refusal(other).contains("the default of attribute '" + attribute), refusal(other));
  }

  @Test
  void partsThatCanBeFedAreNoConstants() {
    Model model = packed(true);
    model.graph().makeInput(model.graph().find("w.codebook").orElseThrow());
    assertEquals(0, PackedWeights.decode(model, 1 << 20));
  }

  @Test
  void nodesOfOthersAreLeftAlone() {
    Model model = packed(false);
    Value part = model.graph().find("w.gaps").orElseThrow();
    model.graph().rename(part, "else");
    assertEquals(List.of(), PackedWeights.find(model));
    assertEquals(0, PackedWeights.decode(model, 1 << 20));
  }
}
