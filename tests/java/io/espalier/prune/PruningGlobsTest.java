package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights.UnmatchedGlob;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PruningGlobsTest {
  private final TestModel test = new TestModel();
  private final Value x = test.input("x");

  static PruningOptions globs(
      List<String> include, List<String> exclude, Map<String, Double> layers) {
    return new PruningOptions(
        0.5,
        Scope.LAYER,
        Granularity.element(),
        Criterion.L1,
        include,
        exclude,
        layers,
        64,
        false,
        false);
  }

  private PrunableWeights find(PruningOptions options) {
    return PrunableWeights.find(test.model(), options);
  }

  private static List<String> names(PrunableWeights found) {
    return found.weights().stream().map(Weight::name).toList();
  }

  private static void assertFound(PrunableWeights found, String... names) {
    assertEquals(List.of(names), names(found));
    assertEquals(List.of(), found.refusals());
  }

  @Test
  void globsNameTensorsAndNodesAndWinOverEachOtherInOrder() {
    test.node("/block/fc1", "MatMul", x, test.weight("fc1.weight", 8, 8));
    test.node("/block/fc2", "MatMul", x, test.weight("fc2.weight", 8, 8));
    test.node("head", "MatMul", x, test.weight("head.weight", 8, 8));
    assertFound(find(globs(List.of("/block/*"), List.of(), Map.of())), "fc1.weight", "fc2.weight");
    assertFound(find(globs(List.of("*"), List.of("head.*"), Map.of())), "fc1.weight", "fc2.weight");
    PrunableWeights found = find(globs(List.of(), List.of(), Map.of("fc1.weight", 0.9)));
    assertEquals(0.9, found.ownSparsity(found.weights().get(0)).getAsDouble());
    assertTrue(found.ownSparsity(found.weights().get(1)).isEmpty());
  }

  @Test
  void theFirstLayerGlobThatMatchesCounts() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8));
    Map<String, Double> layers = new java.util.LinkedHashMap<>();
    layers.put("w", 0.1);
    layers.put("*", 0.2);
    PrunableWeights found = find(globs(List.of(), List.of(), layers));
    assertEquals(0.1, found.ownSparsity(found.weights().get(0)).getAsDouble());
    assertEquals(List.of(), found.unmatchedGlobs());
  }

  @Test
  void globsThatNameNothingAreListed() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8), test.weight("bias", 64));
    PrunableWeights found =
        find(globs(List.of("w", "typo"), List.of("bias"), Map.of("conv*", 0.3)));
    assertEquals(
        List.of(
            new UnmatchedGlob("include", "typo"),
            new UnmatchedGlob("exclude", "bias"),
            new UnmatchedGlob("layer", "conv*")),
        found.unmatchedGlobs());
  }

  @Test
  void whatWasNotAskedForIsNotRefused() {
    test.node("fc", "MatMul", x, test.weight("w", 8, 8));
    test.node("add", "Add", x, test.weight("positions", 32, 16));
    test.node("tiny", "MatMul", x, test.weight("tiny.w", 2, 2));
    assertFound(find(globs(List.of("w"), List.of(), Map.of())), "w");
    assertFound(find(globs(List.of(), List.of("positions", "tiny"), Map.of())), "w");
  }
}
