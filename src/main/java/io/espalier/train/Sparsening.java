package io.espalier.train;

import io.espalier.prune.Granularity;
import io.espalier.prune.PruningOptions;
import io.espalier.prune.PruningSchedule;
import java.util.OptionalLong;

/**
 * How a run gets to its sparsity, before it is known how long the run is.
 *
 * @param initial the sparsity that a polynomial starts from
 * @param begin the first step that may update masks, from 0
 * @param end the step of the last update; absent: after {@link PruningPlan#DEFAULT_END} of the run
 * @param frequency steps from one update to the next; absent: {@link
 *     PruningPlan#DEFAULT_FREQUENCY}, or fewer where that would be less than {@value #FEWEST}
 *     updates
 * @param fit whether a schedule that ends beyond the run is shrunk
 */
public record Sparsening(
    Form form, double initial, long begin, OptionalLong end, OptionalLong frequency, boolean fit) {
  private static final int FEWEST = 10;

  /** The course of the sparsity. */
  public enum Form {
    /** From the initial sparsity to the final one, fast first and slow at the end. */
    POLYNOMIAL,
    /** The final sparsity from the first update on; masks are chosen anew until the end. */
    CONSTANT,
    /** All at once before the first step; the rest of the run tunes what is left. */
    ONE_SHOT
  }

  /** Along a polynomial from 0, all else by default. */
  public static final Sparsening DEFAULT =
      new Sparsening(Form.POLYNOMIAL, 0, 0, OptionalLong.empty(), OptionalLong.empty(), false);

  public Sparsening {
    if (!(initial >= 0 && initial < 1)) {
      throw new IllegalArgumentException(
          "--initial-sparsity: expected 0 up to but not including 1, got " + initial);
    }
    new PruningPlan.Steps(begin, end, frequency.orElse(1), fit);
    if (form == Form.ONE_SHOT && (begin != 0 || end.isPresent() || frequency.isPresent() || fit)) {
      throw new IllegalArgumentException(
          "--schedule one-shot: all is pruned before the first step, so there is no --begin-step,"
              + " --end-step, --frequency or --fit-schedule");
    }
    if (form != Form.POLYNOMIAL && initial != 0) {
      throw new IllegalArgumentException(
          "--initial-sparsity: only --schedule polynomial starts from one");
    }
  }

  /**
   * Checks that this leads to what is asked of a run.
   *
   * @throws IllegalArgumentException if it starts beyond the final sparsity, or on the way to an
   *     N:M pattern, which is whole from the first update on
   */
  public void requireFits(PruningOptions pruning) {
    if (initial != 0 && pruning.granularity() instanceof Granularity.NofM) {
      throw new IllegalArgumentException(
          "--initial-sparsity: --granularity %s is whole from the first update on"
              .formatted(pruning.granularity()));
    }
    if (initial > pruning.sparsity()) {
      throw new IllegalArgumentException(
          "--initial-sparsity: expected at most the final --sparsity %s, got %s"
              .formatted(pruning.sparsity(), initial));
    }
  }

  /**
   * The plan for a run.
   *
   * @throws IllegalArgumentException if the schedule ends beyond the run and is not to fit
   */
  PruningPlan plan(PruningOptions pruning, RunLength run) {
    double sparsity = pruning.sparsity();
    if (form == Form.ONE_SHOT) {
      return PruningPlan.atOnce(sparsity, 0, run);
    }
    boolean whole = form == Form.CONSTANT || pruning.granularity() instanceof Granularity.NofM;
    double from = whole ? sparsity : initial;
    double power = PruningSchedule.PolynomialDecay.DEFAULT_POWER;
    long last = end.orElse((long) (PruningPlan.DEFAULT_END * run.steps()));
    long often = Math.min(PruningPlan.DEFAULT_FREQUENCY, (last - begin) / FEWEST);
    PruningPlan.Steps steps =
        new PruningPlan.Steps(begin, end, frequency.orElse(Math.max(1, often)), fit);
    return PruningPlan.polynomial(from, sparsity, power, steps, run);
  }
}
