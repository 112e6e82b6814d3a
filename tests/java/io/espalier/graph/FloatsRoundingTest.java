package io.espalier.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FloatsRoundingTest {
  @Test
  void everyFloat16SurvivesTheWayToFloat32AndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Floats.fromFloat16((short) bits);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(Floats.fromFloat16(Floats.toFloat16(value))));
      } else {
        assertEquals((short) bits, Floats.toFloat16(value));
      }
    }
  }

  @Test
  void float16HalvesRoundToEvenAndTheirNeighboursAway() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      double low = Floats.fromFloat16((short) bits);
      double high = Floats.fromFloat16((short) (bits + 1));
      float middle = (float) ((low + high) / 2);
      assertEquals(bits + (bits & 1), Floats.toFloat16(middle));
      assertEquals(bits, Floats.toFloat16(Math.nextDown(middle)));
      assertEquals(bits + 1, Floats.toFloat16(Math.nextUp(middle)));
      assertEquals((short) (bits + (bits & 1) | 0x8000), Floats.toFloat16(-middle));
    }
  }

  @Test
  void float16OverflowsToInfinity() {
    assertEquals(0x7bff, Floats.toFloat16(65519.996f));
    assertEquals(0x7c00, Floats.toFloat16(65520f));
    assertEquals((short) 0xfc00, Floats.toFloat16(Float.NEGATIVE_INFINITY));
    assertTrue(Float.isNaN(Floats.fromFloat16(Floats.toFloat16(Float.intBitsToFloat(0x7f800001)))));
  }

  @Test
  void bfloat16RoundsToNearestEven() {
    for (int bits = 0; bits < 0x7f7f; bits++) {
      float low = Float.intBitsToFloat(bits << 16);
      assertEquals(bits, Floats.toBfloat16(low));
      float middle = Float.intBitsToFloat(bits << 16 | 0x8000);
      assertEquals(bits + (bits & 1), Floats.toBfloat16(middle));
      assertEquals(bits, Floats.toBfloat16(Math.nextDown(middle)));
      assertEquals(bits + 1, Floats.toBfloat16(Math.nextUp(middle)));
    }
    assertEquals(0x7f80, Floats.toBfloat16(Float.MAX_VALUE));
    assertEquals((short) 0xff80, Floats.toBfloat16(Float.NEGATIVE_INFINITY));
    assertTrue(
        Float.isNaN(
            Float.intBitsToFloat(Floats.toBfloat16(Float.intBitsToFloat(0x7f800001)) << 16)));
  }
}
