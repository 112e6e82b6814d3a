package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final float NAN = Float.NaN;

  @Test
  void measuresDifferencesOverAllBatches() {
    Comparison comparison = new Comparison();
    comparison.add(scores(1, 2, 3, 4), scores(1, 2, 3, 4.5f), 2);
    comparison.add(scores(0, 1, 0, 1), scores(0.25f, 1, 0, 1), 2);
    Fidelity fidelity = comparison.result();
    assertEquals(4, fidelity.samples());
    assertEquals(8, fidelity.elements());
    assertEquals(0.5, fidelity.maxAbsDiff());
    assertEquals(0.75 / 8, fidelity.meanAbsDiff());
    assertEquals(OptionalDouble.of(1), fidelity.top1Agreement());
    assertFalse(fidelity.bitEqual());
  }

  @Test
  void countsSamplesWithTheSameFirstClass() {
    Fidelity fidelity = compare(scores(1, 2, 4, 3), scores(2, 1, 4, 3), 2);
    assertEquals(OptionalDouble.of(0.5), fidelity.top1Agreement());
  }

  @Test
  void takesNanInBothAsEqualAndInOneAsInfinitelyFar() {
    Fidelity both = compare(scores(NAN, 1, 2, 3), scores(NAN, 1, 2, 3), 2);
    assertEquals(0, both.maxAbsDiff());
    assertTrue(both.bitEqual());
    Fidelity one = compare(scores(NAN, 1, 2, 3), scores(0, 1, 2, 3), 2);
    assertEquals(Double.POSITIVE_INFINITY, one.maxAbsDiff());
  }

  @Test
  void takesEqualInfinitiesAsEqual() {
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(
        0, compare(scores(infinity, 1, 2, 3), scores(infinity, 1, 2, 3.5f), 2).maxAbsDiff() - 0.5);
  }

  @Test
  void tellsZerosOfDifferentSignsFromEqualBits() {
    Fidelity fidelity = compare(scores(0f, 1, 2, 3), scores(-0f, 1, 2, 3), 2);
    assertEquals(0, fidelity.maxAbsDiff());
    assertFalse(fidelity.bitEqual());
  }

  @Test
  void namesOutputsWhoseShapesDiffer() {
    Datum three = Datum.of(ArrayTensor.of(Shape.of(3), 1f, 2f, 3f));
    Datum two = Datum.of(ArrayTensor.of(Shape.of(2), 1f, 2f));
    Fidelity fidelity = compare(Map.of("boxes", three), Map.of("boxes", two), 1);
    assertEquals(List.of("output 'boxes': shapes 3 and 2"), fidelity.notCompared());
    assertFalse(fidelity.bitEqual());
    assertEquals(0, fidelity.elements());
  }

  @Test
  void comparesMapsInSequencesAndNamesStringsThatDiffer() {
    Datum before = new Datum.Sequence(List.of(new Datum.Mapping(List.of("a", "b"), vector(1, 2))));
    Datum after = new Datum.Sequence(List.of(new Datum.Mapping(List.of("a", "b"), vector(1, 4))));
    Datum cat = new Datum.Words(Shape.of(1), List.of("cat"));
    Datum dog = new Datum.Words(Shape.of(1), List.of("dog"));
    Fidelity fidelity =
        compare(Map.of("p", before, "label", cat), Map.of("p", after, "label", dog), 1);
    assertEquals(2, fidelity.maxAbsDiff());
    assertEquals(List.of("output 'label': strings differ"), fidelity.notCompared());
  }

  @Test
  void comparesIntegersAndHalfFloats() {
    for (DataType type : List.of(DataType.INT64, DataType.FLOAT16, DataType.UINT8)) {
      Datum a = Datum.of(Elements.tensor(type, Shape.of(2, 2), i -> 10 + i));
      Datum b = Datum.of(Elements.tensor(type, Shape.of(2, 2), i -> 10 + 2 * i));
      assertEquals(3, compare(Map.of("y", a), Map.of("y", b), 2).maxAbsDiff());
    }
  }

  @Test
  void seesNoClassesInImagesOrRegressions() {
    Datum image = Datum.of(ArrayTensor.of(Shape.of(1, 1, 2, 2), 1f, 2f, 3f, 4f));
    assertTrue(compare(Map.of("y", image), Map.of("y", image), 1).top1Agreement().isEmpty());
    Datum number = Datum.of(ArrayTensor.of(Shape.of(4, 1), 1f, 2f, 3f, 4f));
    assertTrue(compare(Map.of("y", number), Map.of("y", number), 4).top1Agreement().isEmpty());
    Datum pooled = Datum.of(ArrayTensor.of(Shape.of(2, 2, 1, 1), 1f, 2f, 3f, 4f));
    assertEquals(
        OptionalDouble.of(1), compare(Map.of("y", pooled), Map.of("y", pooled), 2).top1Agreement());
  }

  private static Fidelity compare(Map<String, Datum> before, Map<String, Datum> after, int batch) {
    Comparison comparison = new Comparison();
    comparison.add(before, after, batch);
    return comparison.result();
  }

  /** Two samples of two classes. */
  private static Map<String, Datum> scores(float... scores) {
    return Map.of("y", Datum.of(ArrayTensor.of(Shape.of(2, 2), scores)));
  }

  private static Datum vector(float... elements) {
    return Datum.of(ArrayTensor.of(Shape.of(elements.length), elements));
  }
}
