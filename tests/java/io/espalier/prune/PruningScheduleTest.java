package io.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.prune.PruningSchedule.Constant;
import io.espalier.prune.PruningSchedule.PolynomialDecay;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PruningScheduleTest {
  private static final double FLOAT32 = 1e-6;

  @ParameterizedTest
  @CsvSource({
    "100, 0.2",
    "102, 0.4928",
    "104, 0.6704",
    "105, 0.725",
    "106, 0.7616",
    "108, 0.7952",
    "110, 0.8"
  })
  void polynomialDecayEqualsTfmotOverTenSteps(long step, double sparsity) {
    PruningSchedule schedule = new PolynomialDecay(0.2, 0.8, 100, 110, 3);
    assertEquals(sparsity, schedule.sparsityAt(step), FLOAT32);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 0.5944996",
    "200, 0.6667242",
    "300, 0.7196677",
    "400, 0.756324",
    "500, 0.7796872",
    "600, 0.7927513",
    "700, 0.79851",
    "800, 0.7999575"
  })
  void polynomialDecayEqualsTfmotInItsMnistTutorial(long step, double sparsity) {
    PruningSchedule schedule = new PolynomialDecay(0.5, 0.8, 0, 844, 3);
    assertEquals(sparsity, schedule.sparsityAt(step), FLOAT32);
  }

  @Test
  void staysAtItsEndsOutsideOfThem() {
    PruningSchedule schedule = new PolynomialDecay(0.3, 0.7, 10, 20, 3);
    assertEquals(0.3, schedule.sparsityAt(0));
    assertEquals(0.3, schedule.sparsityAt(10));
    assertEquals(0.7, schedule.sparsityAt(20));
    assertEquals(0.7, schedule.sparsityAt(Long.MAX_VALUE));
  }

  @Test
  void isFinalAtOnceWhenItBeginsWhereItEnds() {
    PruningSchedule schedule = new PolynomialDecay(0.3, 0.7, 10, 10, 3);
    assertEquals(0.3, schedule.sparsityAt(9));
    assertEquals(0.7, schedule.sparsityAt(10));
  }

  @Test
  void powerOneIsLinear() {
    assertEquals(0.25, new PolynomialDecay(0, 0.5, 0, 10, 1).sparsityAt(5), 1e-15);
  }

  @Test
  void constantIsTheSameAtEveryStep() {
    assertEquals(0.5, new Constant(0.5).sparsityAt(0));
    assertEquals(0.5, new Constant(0.5).sparsityAt(Long.MAX_VALUE));
  }

  @Property
  void movesFromInitialToFinalWithoutTurning(
      @ForAll @DoubleRange(min = 0, max = 0.99) double initial,
      @ForAll @DoubleRange(min = 0, max = 0.99) double last,
      @ForAll @LongRange(min = 0, max = 1000) long begin,
      @ForAll @LongRange(min = 1, max = 1000) long length,
      @ForAll @DoubleRange(min = 0.5, max = 5) double power) {
    PruningSchedule schedule = new PolynomialDecay(initial, last, begin, begin + length, power);
    double before = initial;
    for (long step = begin; step <= begin + length; step++) {
      double now = schedule.sparsityAt(step);
      assertTrue(initial <= last ? now >= before - 1e-12 : now <= before + 1e-12);
      assertTrue(now >= Math.min(initial, last) - 1e-12 && now <= Math.max(initial, last) + 1e-12);
      before = now;
    }
    assertEquals(last, before);
  }

  @Test
  void refusesWhatIsNoSchedule() {
    assertThrows(IllegalArgumentException.class, () -> new Constant(1));
    assertThrows(IllegalArgumentException.class, () -> new Constant(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new PolynomialDecay(0.5, 1, 0, 10, 3));
    assertThrows(IllegalArgumentException.class, () -> new PolynomialDecay(-0.1, 0.5, 0, 10, 3));
    assertThrows(IllegalArgumentException.class, () -> new PolynomialDecay(0, 0.5, 11, 10, 3));
    assertThrows(IllegalArgumentException.class, () -> new PolynomialDecay(0, 0.5, -1, 10, 3));
    assertThrows(IllegalArgumentException.class, () -> new PolynomialDecay(0, 0.5, 0, 10, 0));
  }
}
