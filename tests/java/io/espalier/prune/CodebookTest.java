package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodebookTest {
  private static float[] weights(int count) {
    Random random = new Random(3);
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = i % 4 == 0 ? 0 : (float) random.nextGaussian();
    }
    return weights;
  }

  private static double error(float[] weights, int entries, Codebook.Start start) {
    Codebook codebook = Codebook.fit(weights, entries, start, 1);
    float[] shared = weights.clone();
    codebook.apply(shared, codebook.codes(weights));
    double sum = 0;
    for (int i = 0; i < shared.length; i++) {
      sum += Math.pow(shared[i] - weights[i], 2);
    }
    return sum / shared.length;
  }

  @ParameterizedTest
  @EnumSource
  void everyValueIsTheMeanOfTheWeightsNearestToIt(Codebook.Start start) {
    float[] weights = weights(5000);
    Codebook codebook = Codebook.fit(weights, 9, start, 1);
    assertEquals(8, codebook.values().length);
    short[] codes = codebook.codes(weights);
    double[] sums = new double[9];
    int[] counts = new int[9];
    for (int i = 0; i < weights.length; i++) {
      assertEquals(weights[i] == 0, codes[i] == 0);
      sums[codes[i]] += weights[i];
      counts[codes[i]]++;
      for (float other : codebook.values()) {
        double own = codes[i] == 0 ? 0 : codebook.values()[codes[i] - 1] - weights[i];
        assertTrue(Math.abs(own) <= Math.abs(other - weights[i]) + 1e-6 || weights[i] == 0);
      }
    }
    for (int code = 1; code < 9; code++) {
      assertEquals(sums[code] / counts[code], codebook.values()[code - 1], 1e-5);
    }
  }

  /** The quantizer with the least error for a normal distribution, Max 1960, table I: 8 values. */
  @ParameterizedTest
  @EnumSource
  void theErrorIsThatOfTheBestQuantizer(Codebook.Start start) {
    assertEquals(0.03454 * 0.75, error(weights(200_000), 9, start), 0.001);
  }

  @Test
  void fewValuesStayAsTheyAre() {
    float[] weights = {0, 3, -1, 3, 0.5f, 0, -1};
    for (Codebook.Start start : Codebook.Start.values()) {
      assertEquals(0, error(weights, 4, start));
    }
    assertArrayEquals(
        new float[] {-1, 0.5f, 3}, Codebook.fit(weights, 16, Codebook.Start.LINEAR, 0).values());
  }

  @Test
  void zerosAlone() {
    float[] weights = new float[9];
    Codebook codebook = Codebook.fit(weights, 4, Codebook.Start.DENSITY, 0);
    codebook.apply(weights, codebook.codes(weights));
    assertArrayEquals(new float[9], weights);
  }
}
