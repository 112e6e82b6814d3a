package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PruningOptionsTest {
  private static PruningOptions options(
      Scope scope, Granularity granularity, Map<String, Double> layers, long minSize) {
    return new PruningOptions(
        0.5, scope, granularity, Criterion.L1, List.of(), List.of(), layers, minSize, false, false);
  }

  private static void assertRefused(String option, Runnable options) {
    Exception refused = assertThrows(IllegalArgumentException.class, options::run);
    assertTrue(refused.getMessage().startsWith(option), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void sparsitiesAreSharesBelowOne(double sparsity) {
    assertRefused("sparsity", () -> PruningOptions.of(sparsity));
    assertRefused(
        "layer conv*",
        () -> options(Scope.LAYER, Granularity.element(), Map.of("conv*", sparsity), 0));
  }

  @Test
  void groupsHaveNoOtherSparsity() {
    Granularity groups = new Granularity.NofM(2, 4);
    assertRefused("scope", () -> options(Scope.GLOBAL, groups, Map.of(), 0));
    assertRefused("layer", () -> options(Scope.LAYER, groups, Map.of("*", 0.1), 0));
  }

  @Test
  void theMinimumSizeIsNoNegativeNumber() {
    assertRefused("min-size", () -> options(Scope.LAYER, Granularity.element(), Map.of(), -1));
  }

  @Test
  void defaultsAreThoseOfTheCommand() {
    PruningOptions options = PruningOptions.of(0.7);
    assertEquals(Scope.LAYER, options.scope());
    assertEquals(64, options.minSize());
  }
}
