package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicLong now = new AtomicLong();
  private final Interruption interruption = Interruption.never();

  @Test
  void terminalShowsOneLineThatGoesAway() {
    RecordingTerminal terminal = new RecordingTerminal(true);
    try (Progress progress = new Progress.Line(terminal.terminal(), interruption, now::get)) {
      progress.stage("pruning");
      progress.progress(1, 4);
      now.addAndGet(SECOND);
      progress.progress(2, 4);
    }
    String erase = "\r\u001b[K";
    assertEquals(erase + "pruning" + erase + "pruning 50%" + erase, terminal.err());
  }

  @Test
  void logHearsOnlyOfWhatLasts() {
    RecordingTerminal terminal = new RecordingTerminal(false);
    try (Progress progress = new Progress.Lines(terminal.terminal(), interruption, now::get)) {
      progress.stage("reading");
      progress.progress(1, 2);
      now.addAndGet(SECOND);
      progress.stage("pruning");
      now.addAndGet(3 * SECOND);
      progress.progress(1, 2);
      progress.progress(2, 2);
    }
    assertEquals("pruning ...\npruning: 3 s\n", terminal.err());
  }
}
