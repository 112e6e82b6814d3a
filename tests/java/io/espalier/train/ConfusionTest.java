package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.ConfusionMatrix;

class ConfusionTest {
  @Test
  void figuresOfEveryClass() {
    Confusion confusion = new Confusion(List.of("cat", "dog", "eel"));
    int[][] pairs = {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 1}, {1, 1}};
    for (int[] pair : pairs) {
      confusion.add(pair[0], pair[1]);
    }
    assertEquals(5.0 / 7, confusion.accuracy());
    Confusion.ClassFigures dog = confusion.perClass().get(1);
    assertEquals("dog", dog.name());
    assertEquals(4, dog.samples());
    assertEquals(3.0 / 4, dog.precision());
    assertEquals(3.0 / 4, dog.recall());
    assertEquals(3.0 / 4, dog.f1(), 1e-12);
    assertEquals(2.0 / 3, confusion.perClass().get(0).precision(), 1e-12);
    assertTrue(Double.isNaN(confusion.perClass().get(2).recall()));
  }

  @Test
  void agreesWithDl4j() {
    ConfusionMatrix<Integer> theirs = new ConfusionMatrix<>(List.of(0, 1, 2, 3));
    Confusion ours = new Confusion(List.of("0", "1", "2", "3"));
    Random random = new Random(3);
    for (int i = 0; i < 1000; i++) {
      int actual = random.nextInt(4);
      int predicted = random.nextInt(4);
      ours.add(actual, predicted);
      theirs.add(actual, predicted);
    }
    for (int a = 0; a < 4; a++) {
      for (int p = 0; p < 4; p++) {
        assertEquals(theirs.getCount(a, p), ours.count(a, p));
      }
      assertEquals(theirs.getActualTotal(a), ours.perClass().get(a).samples());
    }
  }

  @Test
  void refusesUnknownClasses() {
    Confusion confusion = new Confusion(List.of("a", "b"));
    assertThrows(IllegalArgumentException.class, () -> confusion.add(2, 0));
    assertThrows(IllegalArgumentException.class, () -> confusion.add(0, -1));
  }

  @Test
  void smallBatchesCountLess() {
    RunningMean mean = new RunningMean();
    assertTrue(Double.isNaN(mean.mean()));
    mean.add(1, 128);
    mean.add(3, 64);
    assertEquals(5.0 / 3, mean.mean(), 1e-12);
    RunningMean resumed = new RunningMean(mean.sum(), mean.weight());
    resumed.add(0, 192);
    assertEquals(5.0 / 6, resumed.mean(), 1e-12);
  }
}
