package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  @Test
  void takesTheLargestScore() {
    Accuracy accuracy = new Accuracy();
    accuracy.add(outputs(Shape.of(2, 3), 0, 1, 0, 5, 4, 3), new int[] {1, 2});
    accuracy.add(outputs(Shape.of(2, 3), 0, 0, 1, 1, 1, 0), new int[] {2, 0});
    assertEquals(4, accuracy.samples());
    assertEquals(0.75, accuracy.share());
  }

  @Test
  void takesOneNumberPerSampleAsAProbability() {
    Accuracy accuracy = new Accuracy();
    accuracy.add(outputs(Shape.of(4, 1), 0.9f, 0.5f, 0.1f, 0.6f), new int[] {1, 0, 1, 1});
    assertEquals(0.75, accuracy.share());
  }

  @Test
  void takesIntegersAsClasses() {
    Accuracy accuracy = new Accuracy();
    Datum classes = Datum.of(ArrayTensor.of(Shape.of(2), 3L, 4L));
    accuracy.add(Map.of("label", classes), new int[] {3, 5});
    assertEquals(0.5, accuracy.share());
  }

  @Test
  void refusesLabelsThatAreNoClass() {
    Accuracy accuracy = new Accuracy();
    accuracy.add(outputs(Shape.of(1, 3), 0, 1, 0), new int[] {1});
    ModelException refused =
        assertThrows(
            ModelException.class,
            () -> accuracy.add(outputs(Shape.of(1, 3), 0, 1, 0), new int[] {3}));
    assertEquals("label of sample 1: output 'y' has classes 0 to 2, got 3", refused.getMessage());
  }

  @Test
  void refusesOutputsThatAreNoClasses() {
    ModelException refused =
        assertThrows(
            ModelException.class,
            () -> new Accuracy().add(outputs(Shape.of(1, 1, 2, 2), 1, 2, 3, 4), new int[] {1}));
    assertEquals(
        "accuracy: expected an output of shape [1, classes] or [1, 1], got y float 1x1x2x2",
        refused.getMessage());
  }

  private static Map<String, Datum> outputs(Shape shape, float... elements) {
    return Map.of("y", Datum.of(ArrayTensor.of(shape, elements)));
  }
}
