package io.espalier.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.quantize.Histogram.Range;
import io.espalier.quantize.Quantization.Calibration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private static final int NUMBERS = 100_000;

  /** Normal numbers, negative ones cut off, and one far outside. */
  private static Histogram seen(float outlier) {
    Random random = new Random(11);
    float[] numbers = new float[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      numbers[i] = (float) Math.max(0, random.nextGaussian());
    }
    numbers[7] = outlier;
    numbers[8] = Float.NaN;
    Tensor tensor = ArrayTensor.of(Shape.of(NUMBERS), numbers);
    Histogram histogram = new Histogram();
    histogram.seeEnds(tensor);
    histogram.count(tensor);
    return histogram;
  }

  @Test
  void minmaxTakesAll() {
    assertEquals(new Range(0, 100), seen(100).range(Calibration.MINMAX, 99.99, 256));
    assertEquals(new Range(0, 0), new Histogram().range(Calibration.MSE, 99.99, 256));
  }

  @Test
  void percentileLeavesOutTheEnds() {
    // one in 10,000 normal numbers is above 3.72, five in 1,000 are above 2.58
    assertEquals(3.72, seen(20).range(Calibration.PERCENTILE, 99.98, 256).max(), 0.15);
    assertEquals(2.58, seen(20).range(Calibration.PERCENTILE, 99, 256).max(), 0.05);
  }

  @Test
  void mseAndEntropyLeaveOutWhatCostsMoreThanItBrings() {
    assertBetween(2.5, 9, seen(20).range(Calibration.MSE, 99.99, 16));
    assertBetween(18, 20, seen(20).range(Calibration.MSE, 99.99, 256));
    assertBetween(2.5, 100, seen(400).range(Calibration.ENTROPY, 99.99, 256));
    assertBetween(3.5, 5, seen(4).range(Calibration.ENTROPY, 99.99, 256));
  }

  private static void assertBetween(double least, double most, Range range) {
    assertTrue(range.max() > least && range.max() <= most, range.toString());
  }
}
