package io.espalier.train;

import io.espalier.prune.PruningSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * When masks are updated in a run, and to what sparsity. The masks of step t are updated before its
 * forward pass, if t ≥ begin and (t − begin) mod frequency = 0, as in tfmot, and at {@code end} in
 * any case, so the final sparsity is always reached. From then on they stay.
 *
 * @param begin the first step that may update, from 0
 * @param end the step of the last update, from {@code begin} on; 0 is taken as 1
 * @param frequency steps from one update to the next
 * @param run of which the plan is part
 */
public record PruningPlan(
    PruningSchedule schedule, long begin, long end, long frequency, RunLength run) {
  /** Share of a run after which the final sparsity is reached unless an end is given. */
  public static final double DEFAULT_END = 0.6;

  public static final long DEFAULT_FREQUENCY = 100;

  /**
   * One update.
   *
   * @param step from 1
   * @param epoch from 0
   * @param sparsity that is to be reached
   */
  public record Row(long step, int epoch, double sparsity) {}

  /**
   * The steps a user gave for a schedule.
   *
   * @param end absent: after {@link #DEFAULT_END} of the run
   * @param fit whether a schedule that ends beyond the run is shrunk to end where it does by
   *     default; all steps and the frequency shrink by one factor
   */
  public record Steps(long begin, OptionalLong end, long frequency, boolean fit) {
    public Steps {
      if (begin < 0) {
        throw new IllegalArgumentException("--begin-step: expected 0 or more, got " + begin);
      }
      if (frequency < 1) {
        throw new IllegalArgumentException("--frequency: expected 1 or more, got " + frequency);
      }
      if (end.isPresent() && end.getAsLong() < begin) {
        throw new IllegalArgumentException(
            "--end-step: expected --begin-step %d or later, got %d"
                .formatted(begin, end.getAsLong()));
      }
    }

    private Steps within(RunLength run) {
      long byDefault = (long) (DEFAULT_END * run.steps());
      long last = end.orElse(Math.max(begin, byDefault));
      if (last <= run.steps()) {
        return new Steps(begin, OptionalLong.of(last), frequency, fit);
      }
      if (!fit) {
        throw new IllegalArgumentException(
            "%s %d lies beyond the run's %d steps (%d epochs of %d): train longer, end earlier, or"
                    .formatted(
                        end.isPresent() ? "--end-step" : "--begin-step",
                        last,
                        run.steps(),
                        run.epochs(),
                        run.stepsPerEpoch())
                + " give --fit-schedule to shrink the schedule");
      }
      double factor = (double) Math.max(1, byDefault) / last;
      return new Steps(
          (long) (begin * factor),
          OptionalLong.of(Math.max(1, byDefault)),
          Math.max(1, Math.round(frequency * factor)),
          true);
    }
  }

  public PruningPlan {
    if (begin < 0 || end < begin || end > run.steps() || frequency < 1) {
      throw new IllegalArgumentException(
          "expected 0 <= begin <= end <= %d and frequency >= 1, got %d, %d and %d"
              .formatted(run.steps(), begin, end, frequency));
    }
  }

  /**
   * From one sparsity to another along a polynomial.
   *
   * @throws IllegalArgumentException if the schedule ends beyond the run and is not to fit
   */
  public static PruningPlan polynomial(
      double initial, double last, double power, Steps steps, RunLength run) {
    Steps within = steps.within(run);
    long end = within.end().getAsLong();
    return new PruningPlan(
        new PruningSchedule.PolynomialDecay(initial, last, within.begin(), end, power),
        within.begin(),
        end,
        within.frequency(),
        run);
  }

  /** The whole sparsity in one update at a step; at step 0, before any training. */
  public static PruningPlan atOnce(double sparsity, long step, RunLength run) {
    Steps steps = new Steps(step, OptionalLong.of(step), 1, false).within(run);
    return new PruningPlan(
        new PruningSchedule.Constant(sparsity), steps.begin(), steps.begin(), 1, run);
  }

  private long last() {
    return Math.max(1, end);
  }

  /** Whether masks are updated before step {@code step}, from 1. */
  public boolean updatesAt(long step) {
    return step == last()
        || step >= Math.max(1, begin) && step < end && (step - begin) % frequency == 0;
  }

  /** The sparsity that an update before step {@code step} is to reach. */
  public double targetAt(long step) {
    return schedule.sparsityAt(step);
  }

  /** Whether the last update has been made when step {@code step} ends. */
  public boolean isFinalAfter(long step) {
    return step >= last();
  }

  /** All updates, in order. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    long first = begin > 0 ? begin : frequency;
    for (long step = first; step < last(); step += frequency) {
      rows.add(new Row(step, run.epochOf(step), targetAt(step)));
    }
    rows.add(new Row(last(), run.epochOf(last()), targetAt(last())));
    return rows;
  }

  /**
   * What to print before the first step: how many updates, the first and last ones with step, epoch
   * (from 1, as users count) and sparsity.
   */
  public List<String> lines() {
    List<Row> rows = rows();
    List<String> lines = new ArrayList<>();
    lines.add(
        "pruning plan: %d update%s in %d steps, the last at step %d"
            .formatted(rows.size(), rows.size() == 1 ? "" : "s", run.steps(), last()));
    int shown = 24;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.size() > shown && i == shown / 2) {
        lines.add("  ... %d more ...".formatted(rows.size() - shown));
        i = rows.size() - shown / 2;
      }
      Row row = rows.get(i);
      lines.add(
          String.format(
              Locale.ROOT,
              "  step %d, epoch %d: %.2f %%",
              row.step(),
              row.epoch() + 1,
              100 * row.sparsity()));
    }
    return lines;
  }
}
