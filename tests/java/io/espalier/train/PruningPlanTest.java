package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.train.PruningPlan.Steps;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PruningPlanTest {
  private static Steps steps(long begin, long end, long frequency) {
    return new Steps(begin, OptionalLong.of(end), frequency, false);
  }

  private static PruningPlan plan(
      double initial, double last, long begin, long end, long frequency, int run) {
    return PruningPlan.polynomial(
        initial, last, 3, steps(begin, end, frequency), new RunLength(1, run));
  }

  private static List<Long> updates(PruningPlan plan) {
    return plan.rows().stream().map(PruningPlan.Row::step).toList();
  }

  /**
   * The example of tfmot's tutorial, whose last update there comes at 800 and misses the target.
   */
  @Test
  void followsTfmotAndReachesTheTargetAtTheEnd() {
    PruningPlan plan = plan(0.5, 0.8, 0, 844, 100, 1000);
    assertEquals(List.of(100L, 200L, 300L, 400L, 500L, 600L, 700L, 800L, 844L), updates(plan));
    double[] tfmot = {
      .5944996, .6667242, .7196677, .756324, .7796872, .7927513, .79851, .7999575, 0.8
    };
    for (int i = 0; i < tfmot.length; i++) {
      assertEquals(tfmot[i], plan.rows().get(i).sparsity(), 1e-7);
    }
    assertFalse(plan.isFinalAfter(843));
    assertTrue(plan.isFinalAfter(844));
  }

  @Test
  void theLabRunsAsWritten() {
    PruningPlan plan = plan(0.3, 0.7, 0, 2000, 100, 7500);
    assertEquals(20, plan.rows().size());
    assertEquals(0.7, plan.rows().get(19).sparsity());
  }

  @Test
  void firstUpdateIsAtBegin() {
    assertEquals(List.of(100L, 104L, 108L, 110L), updates(plan(0.2, 0.8, 100, 110, 4, 200)));
    assertEquals(0.2, plan(0.2, 0.8, 100, 110, 4, 200).targetAt(100));
  }

  @Test
  void runsShorterThanTheFrequencyStillPrune() {
    assertEquals(List.of(50L), updates(plan(0, 0.9, 0, 50, 100, 60)));
    assertEquals(0.9, plan(0, 0.9, 0, 50, 100, 60).targetAt(50));
  }

  @Test
  void beginAtEndIsTheFinalSparsity() {
    PruningPlan plan = plan(0.1, 0.9, 30, 30, 100, 60);
    assertEquals(List.of(30L), updates(plan));
    assertEquals(0.9, plan.targetAt(30));
    PruningPlan before = PruningPlan.atOnce(0.5, 0, new RunLength(2, 10));
    assertEquals(List.of(1L), updates(before));
    assertTrue(before.updatesAt(1));
    assertTrue(before.isFinalAfter(1));
  }

  @Test
  void endsAtThreeFifthsOfTheRunByDefault() {
    Steps open = new Steps(0, OptionalLong.empty(), 100, false);
    PruningPlan plan = PruningPlan.polynomial(0, 0.5, 3, open, new RunLength(10, 100));
    assertEquals(600, plan.end());
    PruningPlan one = PruningPlan.polynomial(0, 0.5, 3, open, new RunLength(1, 1));
    assertEquals(List.of(1L), updates(one));
  }

  @Test
  void anEndBeyondTheRunNamesBothNumbersAndTheWayOut() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> plan(0.3, 0.7, 0, 2000, 100, 500))
            .getMessage();
    for (String part : List.of("--end-step 2000", "500 steps", "--fit-schedule")) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> PruningPlan.atOnce(0.5, 21, new RunLength(2, 10)))
            .getMessage()
            .contains("21"));
  }

  @Test
  void fittingShrinksAllStepsAlike() {
    Steps fit = new Steps(500, OptionalLong.of(2000), 100, true);
    PruningPlan plan = PruningPlan.polynomial(0.3, 0.7, 3, fit, new RunLength(1, 500));
    assertEquals(75, plan.begin());
    assertEquals(300, plan.end());
    assertEquals(15, plan.frequency());
    assertEquals(16, plan.rows().size());
    Steps fits = new Steps(0, OptionalLong.of(400), 100, true);
    assertEquals(400, PruningPlan.polynomial(0.3, 0.7, 3, fits, new RunLength(1, 500)).end());
  }

  @Property
  void rowsAreWhatUpdatesAtSays(
      @ForAll @LongRange(min = 0, max = 60) long begin,
      @ForAll @LongRange(min = 0, max = 60) long length,
      @ForAll @LongRange(min = 1, max = 40) long frequency) {
    PruningPlan plan = plan(0.1, 0.7, begin, begin + length, frequency, 130);
    List<Long> updates =
        java.util.stream.LongStream.rangeClosed(1, 130).filter(plan::updatesAt).boxed().toList();
    assertEquals(updates, updates(plan));
    List<Double> targets = plan.rows().stream().map(PruningPlan.Row::sparsity).toList();
    assertEquals(0.7, targets.get(targets.size() - 1));
    assertEquals(targets.stream().sorted().toList(), targets);
  }

  @Test
  void printsTheUpdates() {
    assertEquals(
        List.of(
            "pruning plan: 2 updates in 250 steps, the last at step 150",
            "  step 100, epoch 1: 69.26 %",
            "  step 150, epoch 2: 70.00 %"),
        PruningPlan.polynomial(0.5, 0.7, 3, steps(0, 150, 100), new RunLength(2, 125)).lines());
    List<String> many = plan(0, 0.9, 0, 1000, 10, 1000).lines();
    assertEquals(26, many.size());
    assertEquals("  ... 76 more ...", many.get(13));
    assertEquals("  step 1000, epoch 1: 90.00 %", many.get(25));
  }
}
