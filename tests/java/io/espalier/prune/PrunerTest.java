package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.prune.Granularity.Block;
import io.espalier.prune.Granularity.NofM;
import io.espalier.prune.Granularity.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PrunerTest {
  private static final Pruner.Progress QUIET = (done, total) -> {};

  /** A chain of products with these weights. */
  private static TestModel chain(Tensor... weights) {
    TestModel test = new TestModel();
    Value x = test.input("x");
    for (int i = 0; i < weights.length; i++) {
      x = test.node("fc" + i, "MatMul", x, test.constant("w" + i, weights[i]));
    }
    return test;
  }

  private static PruningOptions options(
      double sparsity, Scope scope, Granularity granularity, Criterion criterion) {
    return new PruningOptions(
        sparsity, scope, granularity, criterion, List.of(), List.of(), Map.of(), 1, false, false);
  }

  private static PruningOptions options(double sparsity, Scope scope) {
    return options(sparsity, scope, Granularity.element(), Criterion.L1);
  }

  private static PruningResult prune(TestModel test, PruningOptions options) {
    return new Pruner(options, 1, 2).prune(test.model(), QUIET);
  }

  private static double[] elements(TestModel test, String name) {
    return TestModel.elements(test.graph.find(name).orElseThrow().constant().orElseThrow());
  }

  private static List<Long> masks(PruningResult result) {
    List<Long> words = new ArrayList<>();
    for (PrunedWeight weight : result.weights()) {
      for (int i = 0; i < weight.elements() + 63 >>> 6; i++) {
        words.add(weight.mask().word(i));
      }
    }
    return words;
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0.25, 8",
    "10, 0.35, 6",
    "3, 0.9, 1",
    "10, 0, 10",
    "1000000007, 0.5, 500000004",
    "1, 0.999, 1",
    "100, 0.29, 71",
    "5, 0.5, 2",
    "7, 0.5, 4",
  })
  void keptIsRoundedHalfToEvenOfTheDecimal(long units, double sparsity, long kept) {
    assertEquals(kept, Pruner.kept(units, sparsity));
  }

  @Property
  void keepsExactlyAsManyAndNoneSmallerThanWhatGoes(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 40) int rows,
      @ForAll @IntRange(min = 2, max = 40) int columns,
      @ForAll @IntRange(min = 0, max = 99) int percent) {
    Tensor tensor = TestModel.normal(seed, rows, columns);
    double[] before = TestModel.elements(tensor);
    TestModel test = chain(tensor);
    PruningResult result = prune(test, options(percent / 100.0, Scope.LAYER));
    Mask mask = result.weights().get(0).mask();
    assertEquals(Pruner.kept(rows * columns, percent / 100.0), mask.countKept());
    double[] after = elements(test, "w0");
    double least = Double.POSITIVE_INFINITY;
    double greatest = 0;
    for (int i = 0; i < before.length; i++) {
      assertEquals(mask.kept(i) ? before[i] : 0, after[i]);
      if (mask.kept(i)) {
        least = Math.min(least, Math.abs(before[i]));
      } else {
        greatest = Math.max(greatest, Math.abs(before[i]));
      }
    }
    assertTrue(least >= greatest);
  }

  @Property(tries = 300)
  void globalEqualsOneSortOverAllTypes(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 99) int percent,
      @ForAll @IntRange(min = 1, max = 50) int distinct) {
    Random random = new Random(seed);
    DataType[] types = {DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE};
    int wide = random.nextInt(2);
    Tensor[] tensors =
        IntStream.range(0, 3 + wide)
            .mapToObj(
                i ->
                    TestModel.tensor(
                        types[i],
                        Shape.of(8, 8),
                        random.doubles(64, -1, 1).map(v -> Math.rint(v * distinct) / 64).toArray()))
            .toArray(Tensor[]::new);
    record Element(int tensor, int index, double magnitude) {}
    List<Element> all = new ArrayList<>();
    for (int t = 0; t < tensors.length; t++) {
      double[] elements = TestModel.elements(tensors[t]);
      for (int i = 0; i < elements.length; i++) {
        all.add(new Element(t, i, Math.abs(elements[i])));
      }
    }
    all.sort(Comparator.comparingDouble((Element element) -> -element.magnitude()));
    boolean[][] expected = new boolean[tensors.length][64];
    all.stream()
        .limit(Pruner.kept(all.size(), percent / 100.0))
        .forEach(element -> expected[element.tensor()][element.index()] = true);
    PruningResult result = prune(chain(tensors), options(percent / 100.0, Scope.GLOBAL));
    for (int t = 0; t < tensors.length; t++) {
      for (int i = 0; i < 64; i++) {
        assertEquals(expected[t][i], result.weights().get(t).mask().kept(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"})
  void everyFloatTypeKeepsItsTypeAndItsGreatestElements(DataType type) {
    TestModel test = chain(TestModel.tensor(type, Shape.of(2, 4), 1, -8, 0.5, 2, -0.25, 4, 3, -6));
    prune(test, options(0.5, Scope.LAYER));
    assertArrayEquals(new double[] {0, -8, 0, 0, 0, 4, 3, -6}, elements(test, "w0"));
    assertEquals(type, test.graph.find("w0").orElseThrow().constant().orElseThrow().dataType());
  }

  @Test
  void countsZerosThatWereThereAsZeros() {
    Tensor sparse = TestModel.tensor(DataType.FLOAT, Shape.of(2, 4), 0, 0, -0.0, 0, 0, 0, 1, 2);
    TestModel test = chain(sparse);
    PruningResult result = prune(test, options(0.5, Scope.LAYER));
    PrunedWeight weight = result.weights().get(0);
    assertEquals(4, weight.mask().countKept());
    assertEquals(2, weight.nonzero());
    assertEquals(2, weight.nonzeroBefore());
    assertEquals(0.75, weight.sparsity());
    assertFalse(result.changed());
    assertSame(sparse, test.graph.find("w0").orElseThrow().constant().orElseThrow());
  }

  @Test
  void pruningAgainChangesNothing() {
    TestModel test = chain(TestModel.normal(1, 50, 50), TestModel.normal(2, 50, 50));
    PruningResult first = prune(test, options(0.7, Scope.GLOBAL));
    PruningResult second = prune(test, options(0.7, Scope.GLOBAL));
    assertTrue(first.changed());
    assertFalse(second.changed());
    assertEquals(masks(first), masks(second));
  }

  @Test
  void sparsityZeroChangesNothing() {
    TestModel test = chain(TestModel.normal(1, 50, 50));
    PruningResult result = prune(test, options(0, Scope.GLOBAL));
    assertFalse(result.changed());
    assertEquals(2500, result.weights().get(0).nonzero());
    assertTrue(test.graph.find("w0").orElseThrow().constant().orElseThrow() instanceof ArrayTensor);
  }

  @Test
  void layersHaveTheirOwnSparsityAlsoAmongGlobalOnes() {
    TestModel test =
        chain(
            TestModel.normal(1, 20, 20), TestModel.normal(2, 20, 20), TestModel.normal(3, 20, 20));
    PruningOptions options =
        new PruningOptions(
            0.5,
            Scope.GLOBAL,
            Granularity.element(),
            Criterion.L1,
            List.of(),
            List.of(),
            Map.of("fc1", 0.9, "w2", 0.0),
            1,
            false,
            false);
    List<PrunedWeight> weights = prune(test, options).weights();
    assertEquals(List.of(200L, 40L, 400L), weights.stream().map(PrunedWeight::nonzero).toList());
    assertEquals(List.of(0.5, 0.9, 0.0), weights.stream().map(PrunedWeight::requested).toList());
  }

  @Test
  void constantNodesAndSharedWeightsArePrunedOnce() {
    TestModel test = new TestModel();
    Value x = test.input("x");
    Value held = test.constantNode("held", TestModel.normal(1, 10, 10));
    test.node("second", "MatMul", test.node("first", "MatMul", x, held), held);
    PruningResult result = prune(test, options(0.3, Scope.LAYER));
    assertEquals(1, result.weights().size());
    assertEquals(70, Arrays.stream(elements(test, "held")).filter(v -> v != 0).count());
  }

  @Test
  void blocksGoWhole() {
    Tensor tensor =
        TestModel.tensor(DataType.FLOAT, Shape.of(2, 5), 1, 1, 4, 4, 3, 1, 1, 4, 4, 2.9);
    TestModel test = chain(tensor);
    Block block = new Block(2, 2, Pooling.AVERAGE);
    PruningResult result = prune(test, options(0.34, Scope.LAYER, block, Criterion.L1));
    assertArrayEquals(new double[] {0, 0, 4, 4, 3, 0, 0, 4, 4, 2.9f}, elements(test, "w0"), 1e-6);
    assertEquals(0b1110011100, result.weights().get(0).mask().word(0));
  }

  @Test
  void globalBlocksCompeteAcrossWeights() {
    TestModel test =
        chain(
            TestModel.tensor(DataType.FLOAT, Shape.of(2, 2), 1, 2, 30, 40),
            TestModel.tensor(DataType.DOUBLE, Shape.of(2, 2), 10, 20, 3, 4));
    prune(test, options(0.5, Scope.GLOBAL, new Block(1, 2, Pooling.MAX), Criterion.L2));
    assertArrayEquals(new double[] {0, 0, 30, 40}, elements(test, "w0"));
    assertArrayEquals(new double[] {10, 20, 0, 0}, elements(test, "w1"));
  }

  @Test
  void groupsOfMatMulLieAlongItsInputs() {
    TestModel test =
        chain(TestModel.tensor(DataType.FLOAT, Shape.of(4, 2), 1, 8, 2, 7, 3, 6, 4, 5));
    PruningResult result = prune(test, options(0, Scope.LAYER, new NofM(2, 4), Criterion.L1));
    assertArrayEquals(new double[] {0, 8, 0, 7, 3, 0, 4, 0}, elements(test, "w0"));
    assertEquals(0.5, result.weights().get(0).requested());
  }

  @Test
  void randomDependsOnSeedAndNameAndNotOnThreads() {
    Tensor tensor = TestModel.normal(1, 300, 300);
    PruningOptions options = options(0.5, Scope.LAYER, Granularity.element(), Criterion.RANDOM);
    TestModel test = chain(tensor, tensor);
    List<Long> once = masks(select(test, options, 7, 1));
    assertEquals(once, masks(select(test, options, 7, 4)));
    assertNotEquals(once, masks(select(test, options, 8, 1)));
    assertNotEquals(once.subList(0, 1000), once.subList(once.size() / 2, once.size() / 2 + 1000));
    long inFirstHalf = once.subList(0, 703).stream().mapToLong(Long::bitCount).sum();
    assertEquals(703 * 32, inFirstHalf, 600);
  }

  private static PruningResult select(
      TestModel test, PruningOptions options, long seed, int threads) {
    return new Pruner(options, seed, threads)
        .select(PrunableWeights.find(test.model(), options), QUIET);
  }

  @Test
  void everyGranularityGivesTheSameOnAnyNumberOfThreads() {
    TestModel test = chain(TestModel.normal(1, 1500, 1500), TestModel.normal(2, 300, 300));
    for (Granularity granularity :
        List.of(Granularity.element(), new Block(4, 1, Pooling.AVERAGE), new NofM(2, 4))) {
      PruningOptions options = options(0.8, Scope.LAYER, granularity, Criterion.L1);
      assertEquals(masks(select(test, options, 0, 1)), masks(select(test, options, 0, 3)));
    }
  }

  @Test
  void selectingLeavesTheModelAsItIs() {
    TestModel test = chain(TestModel.normal(1, 20, 20));
    PruningResult result = select(test, PruningOptions.of(0.5), 0, 1);
    assertTrue(result.changed());
    assertEquals(400, Arrays.stream(elements(test, "w0")).filter(v -> v != 0).count());
    result.apply();
    assertEquals(200, Arrays.stream(elements(test, "w0")).filter(v -> v != 0).count());
  }

  @Test
  void aGlobThatMatchesNothingLeavesTheModelAsItIs() {
    TestModel test = chain(TestModel.normal(1, 20, 20));
    PruningOptions options =
        new PruningOptions(
            0.5,
            Scope.LAYER,
            Granularity.element(),
            Criterion.L1,
            List.of(),
            List.of("typo"),
            Map.of(),
            1,
            false,
            false);
    assertEquals(1, prune(test, options).unmatchedGlobs().size());
    assertEquals(400, Arrays.stream(elements(test, "w0")).filter(v -> v != 0).count());
  }

  @ParameterizedTest
  @EnumSource(Criterion.class)
  void aWeightThatIsNotFiniteIsAnErrorWhateverIsAsked(Criterion criterion) {
    Tensor bad = TestModel.tensor(DataType.FLOAT, Shape.of(2, 2), 1, 2, Double.NaN, 4);
    for (double sparsity : new double[] {0, 0.5}) {
      TestModel test = chain(TestModel.normal(1, 20, 20), bad);
      Exception error =
          assertThrows(
              ModelException.class,
              () -> prune(test, options(sparsity, Scope.LAYER, Granularity.element(), criterion)));
      assertTrue(error.getMessage().contains("'w1', element 2"), error.getMessage());
    }
  }

  @Test
  void anExceptionOfTheListenerEndsTheRun() {
    TestModel test = chain(TestModel.normal(1, 3000, 3000));
    Pruner.Progress cancelling =
        (done, total) -> {
          throw new IllegalStateException("cancelled");
        };
    PruningOptions slow = options(0.5, Scope.LAYER, new NofM(1, 64), Criterion.L1);
    Exception end =
        assertThrows(
            IllegalStateException.class,
            () -> new Pruner(slow, 0, 1).prune(test.model(), cancelling));
    assertEquals("cancelled", end.getMessage());
    assertEquals(0, Arrays.stream(elements(test, "w0")).filter(v -> v == 0).count());
  }

  @Test
  void aModelWithoutWeightsIsNoError() {
    TestModel test = new TestModel();
    test.node("relu", "Relu", test.input("x"));
    assertEquals(List.of(), prune(test, options(0.5, Scope.GLOBAL)).weights());
  }
}
