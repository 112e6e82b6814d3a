package io.espalier.cli;

import io.espalier.pipeline.Listener;
import io.espalier.pipeline.TrainingProgress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How far the run is: on a terminal one line that is written over and goes away in the end;
 * elsewhere a line for each stage that lasts, and when training has been silent for long.
 */
abstract class Progress implements Listener, AutoCloseable {
  private final Interruption interruption;
  private Kept kept;

  /**
   * A training run that could go on.
   *
   * @param folder to resume from
   * @param step that was the last one
   */
  record Kept(Path folder, long step) {}

  private Progress(Interruption interruption) {
    this.interruption = interruption;
  }

  /** The progress that suits the terminal. */
  static Progress on(Terminal terminal, boolean quiet, Interruption interruption) {
    if (quiet) {
      return new None(interruption);
    }
    return terminal.errWatched()
        ? new Line(terminal, interruption, System::nanoTime)
        : new Lines(terminal, interruption, System::nanoTime);
  }

  @Override
  public final boolean cancelled() {
    return interruption.asked();
  }

  @Override
  public final void kept(Path folder, long step) {
    kept = new Kept(folder, step);
  }

  /** What is kept of training. */
  final Optional<Kept> kept() {
    return Optional.ofNullable(kept);
  }

  /** Called when the run has ended, well or not. */
  @Override
  public void close() {}

  private static final class None extends Progress {
    None(Interruption interruption) {
      super(interruption);
    }
  }

  /** One line, written over. */
  static final class Line extends Progress {
    private static final long QUIET_NANOS = 100_000_000;
    private static final String ERASE = "\r\u001b[K";

    private final Terminal terminal;
    private final LongSupplier clock;
    private String stage = "";
    private long lastNanos;
    private boolean shown;

    Line(Terminal terminal, Interruption interruption, LongSupplier clock) {
      super(interruption);
      this.terminal = terminal;
      this.clock = clock;
      this.lastNanos = clock.getAsLong();
    }

    @Override
    public void stage(String begun) {
      stage = begun;
      show(stage);
    }

    @Override
    public void step(TrainingProgress progress) {
      if (clock.getAsLong() - lastNanos >= QUIET_NANOS) {
        show(progress.line(terminal.columns() - 1));
      }
    }

    @Override
    public void progress(long done, long total) {
      if (total > 0 && clock.getAsLong() - lastNanos >= QUIET_NANOS) {
        show(stage + " " + Math.min(100, (long) (100.0 * done / total)) + "%");
      }
    }

    private void show(String text) {
      lastNanos = clock.getAsLong();
      int room = Math.max(terminal.columns() - 1, 1);
      terminal.err().print(ERASE + text.substring(0, Math.min(text.length(), room)));
      terminal.err().flush();
      shown = true;
    }

    @Override
    public void message(String line) {
      close();
      terminal.error(line);
      show(stage);
    }

    @Override
    public void close() {
      if (shown) {
        terminal.err().print(ERASE);
        terminal.err().flush();
      }
    }
  }

  /** For logs: nothing at all about what is done at once. */
  static final class Lines extends Progress {
    private static final long LASTS_NANOS = 2_000_000_000;
    private static final long SILENCE_NANOS = 30_000_000_000L;

    private final Terminal terminal;
    private final LongSupplier clock;
    private String stage;
    private long begunNanos;
    private long saidNanos;
    private boolean announced;

    Lines(Terminal terminal, Interruption interruption, LongSupplier clock) {
      super(interruption);
      this.terminal = terminal;
      this.clock = clock;
    }

    @Override
    public void stage(String begun) {
      close();
      stage = begun;
      begunNanos = clock.getAsLong();
      saidNanos = begunNanos;
      announced = false;
    }

    @Override
    public void progress(long done, long total) {
      if (!announced && stage != null && clock.getAsLong() - begunNanos >= LASTS_NANOS) {
        terminal.error(stage + " ...");
        announced = true;
      }
    }

    @Override
    public void step(TrainingProgress progress) {
      if (clock.getAsLong() - saidNanos >= SILENCE_NANOS) {
        message(progress.line());
      }
    }

    @Override
    public void message(String line) {
      terminal.error(line);
      saidNanos = clock.getAsLong();
    }

    @Override
    public void close() {
      if (stage != null) {
        long nanos = clock.getAsLong() - begunNanos;
        if (nanos >= LASTS_NANOS) {
          terminal.error(stage + ": " + nanos / 1_000_000_000 + " s");
        }
        stage = null;
      }
    }
  }
}
