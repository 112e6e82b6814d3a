package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.DataType;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientCheckTest {
  static Stream<GradientCase> cases() {
    return GradientCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithDifferences(GradientCase of) throws IOException {
    assertTrue(new GradientCheck(of, DataType.FLOAT, GradientCheck.Sizes.KNOWN).run());
    if (of.inDouble) {
      new GradientCheck(of, DataType.DOUBLE, GradientCheck.Sizes.KNOWN).run();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void holdsWhileTheBatchIsUnknown(GradientCase of) throws IOException {
    assertTrue(new GradientCheck(of, DataType.FLOAT, GradientCheck.Sizes.BATCH_UNKNOWN).run());
  }

  static Stream<GradientCase> casesWithoutSizes() {
    return GradientCases.all().filter(of -> of.unknownSizes);
  }

  @ParameterizedTest
  @MethodSource("casesWithoutSizes")
  void holdsWhileSizesAreUnknown(GradientCase of) throws IOException {
    assertTrue(new GradientCheck(of, DataType.FLOAT, GradientCheck.Sizes.UNKNOWN).run());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noticesAWrongSign(GradientCase of) {
    GradientCheck check = new GradientCheck(of, DataType.FLOAT, GradientCheck.Sizes.KNOWN);
    assertThrows(AssertionError.class, check::runNegated);
  }

  @Test
  void everyRuleHasACase() {
    Set<String> checked =
        GradientCases.all().map(of -> of.operator).collect(Collectors.toCollection(TreeSet::new));
    checked.addAll(QuantizationGradients.RULES.keySet()); // QuantizationGradientsTest
    assertEquals(GradientRules.operators(), checked);
  }
}
