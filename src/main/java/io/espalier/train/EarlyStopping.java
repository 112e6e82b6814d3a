package io.espalier.train;

/**
 * When to stop for lack of improvement, and which epoch was the best: {@code EarlyStopping} of
 * Keras 3 with {@code restore_best_weights}. An epoch is better only if strictly so, by more than
 * {@code minDelta}; the run stops after the epoch that is the {@code patience}-th in a row (at
 * least the first) without improvement, never after the first that counts, which is always the best
 * so far. The best weights are to be restored however the run ends.
 *
 * <p>Epochs that do not count, because the network is not pruned as far as it will be, are passed
 * over as Keras passes over those before {@code start_from_epoch}: neither best nor waited for.
 *
 * <p>DL4J's {@code ScoreImprovementEpochTerminationCondition} decides likewise, but logs, takes a
 * first NaN for a best that nothing beats, and knows no epochs that do not count.
 */
public final class EarlyStopping {
  private final Settings settings;
  private int run;
  private int wait;
  private int bestEpoch = -1;
  private double best = Double.NaN;
  private int stoppedEpoch = -1;

  /**
   * What to look at and for how long.
   *
   * @param patience epochs in a row without improvement that end the run; with {@code
   *     Integer.MAX_VALUE} it never ends early, and the best epoch is still found
   * @param minDelta how much better an epoch must be to count as better
   */
  public record Settings(Monitor monitor, int patience, double minDelta) {
    /** Finds the epoch of the least validation loss and never stops. */
    public static final Settings BEST_ONLY = new Settings(Monitor.VAL_LOSS, Integer.MAX_VALUE, 0);

    public Settings {
      if (patience < 0) {
        throw new IllegalArgumentException("patience: expected 0 or more, got " + patience);
      }
      if (!(minDelta >= 0) || Double.isInfinite(minDelta)) {
        throw new IllegalArgumentException("min delta: expected 0 or more, got " + minDelta);
      }
    }

    /**
     * {@code MONITOR[:PATIENCE[:MIN_DELTA]]}, as {@code val_accuracy:5:0.001}; as in Keras patience
     * and min delta are 0 where not given.
     */
    public static Settings parse(String text) {
      String[] parts = text.split(":", -1);
      if (parts.length > 3) {
        throw wrong(text);
      }
      Monitor monitor = Monitor.of(parts[0].strip());
      try {
        int patience = parts.length > 1 ? Integer.parseInt(parts[1].strip()) : 0;
        double minDelta = parts.length > 2 ? Double.parseDouble(parts[2].strip()) : 0;
        return new Settings(monitor, patience, minDelta);
      } catch (NumberFormatException e) {
        throw wrong(text);
      }
    }

    private static IllegalArgumentException wrong(String text) {
      return new IllegalArgumentException(
          "expected MONITOR[:PATIENCE[:MIN_DELTA]], as val_accuracy:5, got '" + text + "'");
    }
  }

  /** What an epoch was. */
  public enum Verdict {
    /** Better than all before: its weights are the ones to keep. */
    BEST,
    /** Not better, or does not count. */
    GO_ON,
    /** The last one: not better, and patience is at its end. */
    STOP
  }

  /**
   * All that is needed to go on after an interruption.
   *
   * @param run epochs that ended
   * @param waited epochs in a row without improvement
   * @param bestEpoch −1 while there is none
   * @param stoppedEpoch −1 unless stopped early
   */
  public record State(int run, int waited, int bestEpoch, double best, int stoppedEpoch) {}

  public EarlyStopping(Settings settings) {
    this.settings = settings;
  }

  /** Goes on from a state. */
  public EarlyStopping(Settings settings, State state) {
    this.settings = settings;
    this.run = state.run;
    this.wait = state.waited;
    this.bestEpoch = state.bestEpoch;
    this.best = state.best;
    this.stoppedEpoch = state.stoppedEpoch;
  }

  public Settings settings() {
    return settings;
  }

  /**
   * An epoch ended.
   *
   * @param epoch from 0
   * @param value of the monitored figure
   * @param counts whether the network is as sparse as it will be
   */
  public Verdict ended(int epoch, double value, boolean counts) {
    run = epoch + 1;
    if (!counts) {
      return Verdict.GO_ON;
    }
    boolean first = bestEpoch < 0;
    if (first || settings.monitor.improves(value, best, settings.minDelta)) {
      best = value;
      bestEpoch = epoch;
      wait = 0;
      return Verdict.BEST;
    }
    wait++;
    if (wait >= settings.patience) {
      stoppedEpoch = epoch;
      return Verdict.STOP;
    }
    return Verdict.GO_ON;
  }

  public State state() {
    return new State(run, wait, bestEpoch, best, stoppedEpoch);
  }
}
