package io.espalier.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Shape;
import io.espalier.random.RandomStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializerTest {
  @ParameterizedTest
  @CsvSource({
    "zeros, 0, 0",
    "normal, 0.01, 0.06",
    "xavier-uniform, 0.0632456, 0.1095446",
    "xavier-normal, 0.0632456, 0.4",
    "glorot_normal, 0.0632456, 0.1438",
    "he-uniform, 0.1, 0.1732051",
    "he-normal, 0.1, 0.6",
    "he_normal, 0.1, 0.2274",
  })
  void initializersHaveTheirDeviationAndLimit(String name, double deviation, double limit) {
    float[] weights =
        Initializer.named(name).draw(RandomStream.named(1, "w"), 60_000, Fans.inOut(200, 300));
    double square = 0;
    double largest = 0;
    for (float w : weights) {
      square += (double) w * w / weights.length;
      largest = Math.max(largest, Math.abs(w));
    }
    assertEquals(deviation, Math.sqrt(square), 0.02 * deviation);
    assertTrue(largest <= limit, "largest " + largest);
    if (!name.contains("-normal") && !name.equals("normal")) {
      assertTrue(largest >= 0.99 * limit, "largest " + largest);
    }
  }

  @Test
  void fansCountTheKernelsArea() {
    assertEquals(new Fans(3 * 25, 20 * 25), Fans.outIn(Shape.of(20, 3, 5, 5)));
    assertEquals(new Fans(784, 300), Fans.outIn(Shape.of(300, 784)));
  }
}
