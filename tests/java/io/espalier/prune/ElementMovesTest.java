package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementMovesTest {
  private static final int NEW = Layout.NEW;

  private final TestModel test = new TestModel();
  private final Value x = test.input("x");

  private static Optional<List<Integer>> axes(Value output, long... stored) {
    Layout layout = Layout.of(Shape.of(stored));
    return ElementMoves.follow(output.producer().orElseThrow(), 0, layout).orElseThrow().axes();
  }

  private static Optional<List<Integer>> known(Integer... axes) {
    return Optional.of(List.of(axes));
  }

  @Test
  void transposeReversesOrPermutes() {
    assertEquals(known(2, 1, 0), axes(test.node("plain", "Transpose", x), 2, 3, 4));
    Value permuted = TestModel.with(test.node("perm", "Transpose", x), "perm", List.of(1L, 2L, 0L));
    assertEquals(known(1, 2, 0), axes(permuted, 2, 3, 4));
  }

  @Test
  void permutationsThatAreNoneLoseTheAxes() {
    for (List<Long> perm : List.of(List.of(0L, 0L), List.of(0L), List.of(0L, 5L))) {
      Value odd = TestModel.with(test.node("odd " + perm, "Transpose", x), "perm", perm);
      assertEquals(Optional.empty(), axes(odd, 2, 3));
    }
  }

  @Test
  void anAttributeOfAFunctionLosesTheAxes() {
    Value referring = test.node("refer", "Transpose", x);
    referring
        .producer()
        .orElseThrow()
        .setAttribute("perm", new Attribute.OpaqueAttribute("reference"));
    assertEquals(Optional.empty(), axes(referring, 2, 3));
  }

  @Test
  void unsqueezeAddsAxesByInputAndByAttribute() {
    Value byInput = test.node("input", "Unsqueeze", x, test.ints("axes", 0, -1));
    assertEquals(known(NEW, 0, 1, NEW), axes(byInput, 2, 3));
    Value byAttribute = TestModel.with(test.node("attr", "Unsqueeze", x), "axes", List.of(1L));
    assertEquals(known(0, NEW, 1), axes(byAttribute, 2, 3));
    assertEquals(Optional.empty(), axes(test.node("computed", "Unsqueeze", x, x), 2, 3));
  }

  @Test
  void squeezeRemovesAxesOfSizeOne() {
    assertEquals(known(1, 3), axes(test.node("all", "Squeeze", x), 1, 2, 1, 3));
    Value one = test.node("one", "Squeeze", x, test.ints("axes", -2));
    assertEquals(known(0, 1, 3), axes(one, 1, 2, 1, 3));
    assertEquals(Optional.empty(), axes(test.node("wrong", "Squeeze", x, test.ints("w", 1)), 1, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "'8,4,1,1', '0 1 -1 -1'",
    "'1,8,-1', '-1 0 1'",
    "'0,0', '0 1'",
    "'8,0,1', '0 1 -1'",
    "'32', lost",
    "'4,8', lost",
    "'8,2,2', lost",
    "'8', lost",
  })
  void reshapeKeepsAxesWhenOnlyOnesComeOrGo(String target, String expected) {
    long[] dims = java.util.Arrays.stream(target.split(",")).mapToLong(Long::parseLong).toArray();
    Value reshaped = test.node("reshape", "Reshape", x, test.ints("dims", dims));
    Optional<List<Integer>> axes = axes(reshaped, 8, 4);
    String found = axes.map(list -> list.toString().replaceAll("[\\[\\],]", "")).orElse("lost");
    assertEquals(expected, found);
  }

  @Test
  void otherOperatorsAndSlotsDoNotMoveElements() {
    Layout layout = Layout.of(Shape.of(8, 4));
    Value mul = test.node("mul", "Mul", x, x);
    assertEquals(Optional.empty(), ElementMoves.follow(mul.producer().orElseThrow(), 0, layout));
    Value shape = test.node("reshape", "Reshape", x, x);
    assertEquals(Optional.empty(), ElementMoves.follow(shape.producer().orElseThrow(), 1, layout));
    Value foreign = test.node("foreign", "acme.Identity", x);
    assertEquals(
        Optional.empty(), ElementMoves.follow(foreign.producer().orElseThrow(), 0, layout));
  }

  @Test
  void theInputAxisIsFollowedAndBlocksNeedTheStoredOrder() {
    Value hwio = test.weight("w", 3, 3, 4, 16);
    Value oihw =
        TestModel.with(test.node("turn", "Transpose", hwio), "perm", List.of(3L, 2L, 0L, 1L));
    test.node("conv", "Conv", x, oihw);
    Weight weight = PrunableWeights.find(test.model(), PruningOptions.of(0.5)).weights().get(0);
    assertEquals(2, weight.inputAxis().getAsInt());
    assertEquals(true, weight.columnsFrom().isEmpty());
  }
}
