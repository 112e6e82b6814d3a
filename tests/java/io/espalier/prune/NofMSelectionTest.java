package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.prune.Granularity.NofM;
import java.util.Arrays;
import java.util.Comparator;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NofMSelectionTest {
  private static Mask select(Tensor tensor, int axis, NofM granularity) {
    Weight weight =
        new Weight(
            new TestModel().constant("w", tensor), OptionalInt.of(axis), OptionalInt.empty());
    try (Workers workers = new Workers(1)) {
      return NofMSelection.select(new ElementScores(weight, Criterion.L1, 0), granularity, workers);
    }
  }

  /** Walks every line of elements along the axis and sorts each group. */
  private static boolean[] reference(double[] elements, Shape shape, int axis, NofM granularity) {
    int stride = (int) shape.elements(axis + 1, shape.rank());
    int length = (int) shape.dim(axis);
    boolean[] kept = new boolean[elements.length];
    for (int line = 0; line < elements.length / length; line++) {
      int start = line / stride * stride * length + line % stride;
      for (int first = 0; first < length; first += granularity.m()) {
        IntStream.range(first, Math.min(length, first + granularity.m()))
            .mapToObj(i -> start + i * stride)
            .sorted(Comparator.comparingDouble((Integer at) -> -Math.abs(elements[at])))
            .limit(granularity.n())
            .forEach(at -> kept[at] = true);
      }
    }
    return kept;
  }

  private static void assertEqualsReference(Tensor tensor, int axis, NofM granularity) {
    boolean[] expected = reference(TestModel.elements(tensor), tensor.shape(), axis, granularity);
    Mask mask = select(tensor, axis, granularity);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], mask.kept(i), "element " + i);
    }
  }

  @Property
  void equalsASortOfEveryGroup(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int before,
      @ForAll @IntRange(min = 1, max = 30) int length,
      @ForAll @IntRange(min = 1, max = 20) int after,
      @ForAll @IntRange(min = 2, max = 9) int m,
      @ForAll @IntRange(min = 1, max = 8) int n,
      @ForAll @IntRange(min = 1, max = 20) int distinct) {
    Random random = new Random(seed);
    Shape shape = Shape.of(before, length, after);
    double[] elements =
        IntStream.range(0, before * length * after)
            .mapToDouble(i -> random.nextInt(distinct) * (random.nextBoolean() ? 1 : -1))
            .toArray();
    DataType type = random.nextBoolean() ? DataType.FLOAT : DataType.DOUBLE;
    Tensor tensor = TestModel.tensor(type, shape, elements);
    assertEqualsReference(tensor, 1, new NofM(Math.min(n, m - 1), m));
  }

  @Test
  void groupsCanLieFartherApartThanOneReadReaches() {
    assertEqualsReference(TestModel.normal(1, 10, 9_001), 0, new NofM(2, 4));
    assertEqualsReference(TestModel.normal(2, 2, 70, 500), 1, new NofM(5, 64));
  }

  @Test
  void groupsCanBeShorterThanOneRead() {
    assertEqualsReference(TestModel.normal(3, 5_000, 7), 1, new NofM(2, 4));
  }

  @Test
  void keepsTwoOfEveryFourAndUpToTwoOfAShortTail() {
    Tensor tensor = TestModel.tensor(DataType.FLOAT, Shape.of(1, 7), 1, -4, 3, 2, 0.1, 0.3, 0.2);
    Mask mask = select(tensor, 1, new NofM(2, 4));
    assertEquals(0b1100110, mask.word(0));
    Tensor single = TestModel.tensor(DataType.FLOAT, Shape.of(1, 5), 1, 2, 3, 4, 0);
    assertEquals(0b11100, select(single, 1, new NofM(2, 4)).word(0));
  }

  @Test
  void theFirstOfEqualsStay() {
    double[] ones = new double[8];
    Arrays.fill(ones, 1);
    Tensor tensor = TestModel.tensor(DataType.FLOAT, Shape.of(8, 1), ones);
    assertEquals(0b00110011, select(tensor, 0, new NofM(2, 4)).word(0));
  }
}
