package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Node;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operator with weights: where groups of N:M and the matrix of blocks lie. */
class WeightRolesTest {
  private static final int NONE = -1;

  /** One weight of an operator; {@code attribute} is set to 1 unless empty. */
  record Case(
      String operator, int slot, String attribute, List<Integer> dims, int inputAxis, int columns) {
    @Override
    public String toString() {
      return operator + " " + slot + " " + attribute;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("Conv", 1, "", List.of(8, 4, 3, 3), 1, 1),
        new Case("Conv", 1, "", List.of(8, 4, 30), 1, 1),
        new Case("DeformConv", 1, "", List.of(8, 4, 3, 3), 1, 1),
        new Case("ConvTranspose", 1, "", List.of(8, 4, 3, 3), 0, 1),
        new Case("Gemm", 1, "", List.of(16, 8), 0, 1),
        new Case("Gemm", 1, "transB", List.of(16, 8), 1, 1),
        new Case("Gemm", 0, "", List.of(16, 8), 1, 1),
        new Case("Gemm", 0, "transA", List.of(16, 8), 0, 1),
        new Case("MatMul", 1, "", List.of(16, 8), 0, 1),
        new Case("MatMul", 1, "", List.of(2, 16, 8), 1, 2),
        new Case("MatMul", 0, "", List.of(16, 8), 1, 1),
        new Case("RNN", 1, "", List.of(1, 16, 8), 2, 2),
        new Case("RNN", 2, "", List.of(1, 16, 16), 2, 2),
        new Case("GRU", 1, "", List.of(2, 48, 8), 2, 2),
        new Case("GRU", 2, "", List.of(2, 48, 16), 2, 2),
        new Case("LSTM", 1, "", List.of(2, 64, 8), 2, 2),
        new Case("LSTM", 2, "", List.of(2, 64, 16), 2, 2),
        new Case("Gather", 0, "", List.of(100, 16), NONE, 1),
        new Case("ConvInteger", 1, "", List.of(8, 4, 3, 3), 1, 1),
        new Case("QLinearConv", 3, "", List.of(8, 4, 3, 3), 1, 1),
        new Case("MatMulInteger", 1, "", List.of(16, 8), 0, 1),
        new Case("QLinearMatMul", 3, "", List.of(16, 8), 0, 1),
        new Case("com.microsoft.FusedConv", 1, "", List.of(8, 4, 3, 3), 1, 1),
        new Case("com.microsoft.FusedGemm", 1, "transB", List.of(16, 8), 1, 1),
        new Case("com.microsoft.FusedGemm", 0, "", List.of(16, 8), 1, 1),
        new Case("com.microsoft.FusedMatMul", 1, "", List.of(2, 16, 8), 1, 2),
        new Case("com.microsoft.FusedMatMul", 1, "transB", List.of(16, 8), 1, 1),
        new Case("com.microsoft.FusedMatMul", 0, "transA", List.of(16, 8), 0, 1),
        new Case("com.microsoft.TransposeMatMul", 0, "", List.of(16, 8), 1, 1),
        new Case("com.microsoft.TransposeMatMul", 1, "", List.of(16, 8), 0, 1),
        new Case("com.microsoft.GemmFastGelu", 1, "", List.of(16, 8), 0, 1),
        new Case("com.microsoft.Attention", 1, "", List.of(16, 48), 0, 1),
        new Case("com.microsoft.EmbedLayerNormalization", 2, "", List.of(100, 16), NONE, 1),
        new Case("com.microsoft.EmbedLayerNormalization", 3, "", List.of(100, 16), NONE, 1),
        new Case("com.microsoft.EmbedLayerNormalization", 4, "", List.of(100, 16), NONE, 1),
        new Case("com.microsoft.QAttention", 1, "", List.of(16, 48), 0, 1),
        new Case("com.microsoft.QGemm", 3, "transB", List.of(16, 8), 1, 1),
        new Case("com.microsoft.DynamicQuantizeMatMul", 1, "", List.of(16, 8), 0, 1),
        new Case("com.microsoft.MatMulIntegerToFloat", 1, "", List.of(16, 8), 0, 1),
        new Case("com.microsoft.DynamicQuantizeLSTM", 1, "", List.of(1, 64, 8), 2, 2),
        new Case("com.microsoft.DynamicQuantizeLSTM", 2, "", List.of(1, 64, 16), 2, 2));
  }

  private static Weight weight(Case one) {
    TestModel test = new TestModel();
    Value x = test.input("x");
    Value w = test.weight("w", one.dims().stream().mapToLong(dim -> dim).toArray());
    List<Value> inputs = new ArrayList<>(java.util.Collections.nCopies(one.slot() + 1, x));
    inputs.set(one.slot(), w);
    Value output = test.node("node", one.operator(), inputs.toArray(Value[]::new));
    if (!one.attribute().isEmpty()) {
      TestModel.with(output, one.attribute(), 1);
    }
    PruningOptions all =
        new PruningOptions(
            0.5,
            Scope.LAYER,
            Granularity.element(),
            Criterion.L1,
            List.of(),
            List.of(),
            Map.of(),
            1,
            true,
            true);
    return PrunableWeights.find(test.model(), all).weights().get(0);
  }

  private static OptionalInt axis(int axis) {
    return axis == NONE ? OptionalInt.empty() : OptionalInt.of(axis);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void knowsTheInputAxisAndTheMatrix(Case one) {
    Weight weight = weight(one);
    assertEquals(axis(one.inputAxis()), weight.inputAxis());
    assertEquals(axis(one.columns()), weight.columnsFrom());
  }

  @Test
  void everyEntryHasACase() {
    Set<String> cases = new HashSet<>();
    cases().forEach(one -> cases.add(one.operator() + " " + one.slot()));
    assertEquals(WeightRoles.entries(), cases);
  }

  @Test
  void otherSlotsAreNoWeights() {
    TestModel test = new TestModel();
    Value x = test.input("x");
    Node gemm = test.node("gemm", "Gemm", x, x, x).producer().orElseThrow();
    assertTrue(WeightRoles.find(gemm.operator(), 2).isEmpty());
    assertTrue(WeightRoles.find(gemm.operator(), 1).isPresent());
  }
}
