package io.espalier.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Expected numbers are those of onnxruntime.quantization 1.30: compute_scale_zp, quantize_nparray.
 */
class GridTest {
  @Test
  void weightsHaveTheCodesOfOnnxruntime() {
    Tensor weight =
        ArrayTensor.of(
            Shape.of(2, 5), -1.27f, 0.5f, 0, 0.013f, 0.63f, 3.1f, -2.2f, 0.7f, 0, -0.001f);
    CodedWeight coded = CodedWeight.of(weight, i -> i / 5, 2, 8, true);
    assertArrayEquals(new byte[] {-127, 50, 0, 1, 63, 127, -90, 29, 0, 0}, coded.codes());
    assertArrayEquals(new float[] {0.009999999776482582f, 0.024409448727965355f}, coded.scales());
    assertEquals(0.00787, coded.worst(), 1e-5);
  }

  @ParameterizedTest
  @CsvSource({
    "-1.3, 2.6, 0.015294116921722889, 85, 0 255 85 24 255 0",
    "0, 6.1, 0.02392156794667244, 0, 0 255 0 15 255 0",
    "0.5, 2, 0.007843137718737125, 0, 64 255 0 111 255 0",
    "-3, -1, 0.0117647061124444, 255, 0 170 255 31 255 0"
  })
  void activationsHaveTheCodesOfOnnxruntime(
      double min, double max, float scale, int zero, String codes) {
    Grid grid = Grid.asymmetric(min, max, 0, 255);
    assertEquals(scale, (float) grid.scale(), 1e-7 * scale);
    assertEquals(zero, grid.zero());
    double[] numbers = {min, max, 0, min + 0.37, max + 1, min - 1};
    assertArrayEquals(
        Arrays.stream(codes.split(" ")).mapToInt(Integer::parseInt).toArray(),
        Arrays.stream(numbers).mapToInt(grid::code).toArray());
  }

  @Test
  void zeroIsAlwaysExact() {
    Random random = new Random(5);
    for (int i = 0; i < 1000; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      Grid grid = Grid.asymmetric(Math.min(a, b), Math.max(a, b), 0, i % 2 == 0 ? 255 : 15);
      assertEquals(0, grid.value(grid.code(0)));
    }
    assertEquals(1, Grid.symmetric(0, 127).scale());
  }

  @Test
  void fewCodesMayCutOffTheLargest() {
    float[] elements = new float[400];
    Random random = new Random(3);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    elements[0] = 9;
    Tensor weight = ArrayTensor.of(Shape.of(400), elements);
    CodedWeight coded = CodedWeight.of(weight, i -> 0, 1, 4, true);
    assertTrue(coded.grids()[0].scale() < 0.9 * 9 / 7, coded.grids()[0].toString());
  }
}
