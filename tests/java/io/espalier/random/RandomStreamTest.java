package io.espalier.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomStreamTest {
  private static final RandomStream RANDOM = new RandomStream(42, 7);

  /** The vectors that the authors publish with Random123 ({@code kat_vectors}). */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1",
  })
  void philoxIsTheAuthors(String counter, String key, String expected) {
    int[] block = words(counter);
    Philox.scramble(block, words(key)[0], words(key)[1]);
    assertArrayEquals(words(expected), block);
  }

  private static int[] words(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(w -> Integer.parseUnsignedInt(w, 16)).toArray();
  }

  private static float[] uniform(RandomStream random, long step, int size) {
    float[] numbers = new float[size];
    random.uniform(step, numbers);
    return numbers;
  }

  @Test
  void everyPartOfTheKeyMatters() {
    float[] numbers = uniform(RANDOM, 3, 8);
    assertArrayEquals(numbers, uniform(new RandomStream(42, 7), 3, 8));
    assertFalse(Arrays.equals(numbers, uniform(new RandomStream(42L + (1L << 40), 7), 3, 8)));
    assertFalse(Arrays.equals(numbers, uniform(new RandomStream(42, 8), 3, 8)));
    assertFalse(Arrays.equals(numbers, uniform(RANDOM, 4, 8)));
    assertFalse(Arrays.equals(numbers, uniform(RANDOM, 3 + (1L << 40), 8)));
    assertFalse(
        Arrays.equals(
            uniform(RandomStream.named(1, "drop1"), 1, 4),
            uniform(RandomStream.named(1, "drop2"), 1, 4)));
  }

  @Test
  void aPrefixDoesNotDependOnTheLength() {
    assertArrayEquals(uniform(RANDOM, 1, 5), Arrays.copyOf(uniform(RANDOM, 1, 1001), 5));
  }

  @Test
  void uniformIsUniform() {
    float[] numbers = uniform(RANDOM, 1, 100_000);
    int[] tenths = new int[10];
    for (float number : numbers) {
      assertTrue(number >= 0 && number < 1);
      tenths[(int) (number * 10)]++;
    }
    double chi = 0;
    for (int count : tenths) {
      chi += Math.pow(count - 10_000, 2) / 10_000;
    }
    assertTrue(chi < 27.9, "chi square with 9 degrees of freedom, 0.1 %: " + chi);
  }

  @Test
  void normalIsNormal() {
    float[] numbers = new float[100_001];
    RANDOM.normal(1, numbers);
    double[] moments = new double[5];
    for (float x : numbers) {
      for (int k = 1; k < 5; k++) {
        moments[k] += Math.pow(x, k) / numbers.length;
      }
    }
    assertEquals(0, moments[1], 0.015);
    assertEquals(1, moments[2], 0.02);
    assertEquals(0, moments[3], 0.05);
    assertEquals(3, moments[4], 0.1);
    assertTrue(IntStream.range(0, numbers.length).anyMatch(i -> Math.abs(numbers[i]) > 3.5));
  }

  @Test
  void dropoutMaskIsInverted() {
    FloatBuffer mask = FloatBuffer.allocate(100_000);
    mask.position(5);
    RANDOM.dropout(2, 0.25, mask);
    ByteBuffer kept = ByteBuffer.allocate(100_000);
    RANDOM.kept(2, 0.25, kept);
    int zeros = 0;
    for (int i = 0; i < mask.capacity(); i++) {
      assertTrue(mask.get(i) == 0 || mask.get(i) == 4f / 3);
      assertEquals(mask.get(i) != 0 ? 1 : 0, kept.get(i));
      zeros += mask.get(i) == 0 ? 1 : 0;
    }
    assertEquals(25_000, zeros, 600);
    FloatBuffer all = FloatBuffer.allocate(1000);
    RANDOM.dropout(2, 0, all);
    for (int i = 0; i < 1000; i++) {
      assertEquals(1, all.get(i));
    }
    assertThrows(IllegalArgumentException.class, () -> RANDOM.dropout(1, 1, all));
  }

  @Test
  void permutationsAreFairAndRepeatable() {
    int[] order = RANDOM.permutation(9, 1000);
    assertArrayEquals(order, RANDOM.permutation(9, 1000));
    assertArrayEquals(IntStream.range(0, 1000).toArray(), Arrays.stream(order).sorted().toArray());
    int[][] seen = new int[4][4];
    for (int step = 0; step < 24_000; step++) {
      int[] four = RANDOM.permutation(step, 4);
      for (int i = 0; i < 4; i++) {
        seen[i][four[i]]++;
      }
    }
    for (int[] row : seen) {
      for (int count : row) {
        assertEquals(6000, count, 300);
      }
    }
    assertEquals(0, RANDOM.permutation(1, 0).length);
  }
}
