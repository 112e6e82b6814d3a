package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.prune.Granularity.Pooling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GranularityTest {
  @Test
  void readsEveryKind() {
    assertEquals(Granularity.element(), Granularity.parse("element", Pooling.MAX));
    assertEquals(new Granularity.Block(4, 1, Pooling.MAX), Granularity.parse("4x1", Pooling.MAX));
    assertEquals(new Granularity.NofM(2, 4), Granularity.parse("2:4", Pooling.AVERAGE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"element", "16x4", "2:4"})
  void writesWhatItReads(String text) {
    assertEquals(text, Granularity.parse(text, Pooling.AVERAGE).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "4", "x4", "4x", "-1x4", "2:4:8", "Element", "4 x 1", "9999999999x1"})
  void refusesOtherTextAndSaysWhatIsExpected(String text) {
    Exception refused =
        assertThrows(
            IllegalArgumentException.class, () -> Granularity.parse(text, Pooling.AVERAGE));
    assertTrue(refused.getMessage().contains("4x1"), refused.getMessage());
    assertTrue(refused.getMessage().contains("'" + text + "'"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0x1", "1x0", "0:4", "4:4", "5:4", "1:65"})
  void refusesNumbersThatMakeNoSense(String text) {
    assertThrows(IllegalArgumentException.class, () -> Granularity.parse(text, Pooling.AVERAGE));
  }

  @Test
  void twoOfEightLeavesThreeQuartersZero() {
    assertEquals(0.75, new Granularity.NofM(2, 8).sparsity());
  }
}
