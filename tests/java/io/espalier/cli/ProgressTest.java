package io.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.pipeline.TrainingProgress;
import java.util.List;
import java.util.OptionalDouble;
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

  private static TrainingProgress progress(long step) {
    return new TrainingProgress(
        2, 5, step, 400, 0.25, OptionalDouble.of(0.5), OptionalDouble.of(0.7), 0.001, 12.34, 3700);
  }

  @Test
  void terminalShowsABarInTheRoomThereIs() {
    RecordingTerminal terminal = new RecordingTerminal(true, 140);
    try (Progress progress = new Progress.Line(terminal.terminal(), interruption, now::get)) {
      now.addAndGet(SECOND);
      progress.step(progress(100));
    }
    String erase = "\r\u001b[K";
    String bar = "[#######.......................]";
    String figures = "100/400 loss 0.2500 acc 0.5000 zeros 70.0% lr 0.00100 12/s 1:01:40";
    assertEquals(erase + "epoch 2/5 " + bar + " " + figures + erase, terminal.err());
    assertEquals("epoch 2/5 [.....] 5/400 ", progress(5).line(82).substring(0, 24));
    assertEquals("epoch 2/5 5/400 ", progress(5).line(79).substring(0, 16));
  }

  @Test
  void logHearsOfLongEpochsNowAndThen() {
    RecordingTerminal terminal = new RecordingTerminal(false);
    try (Progress progress = new Progress.Lines(terminal.terminal(), interruption, now::get)) {
      progress.stage("training");
      for (int step = 1; step <= 70; step++) {
        now.addAndGet(SECOND);
        progress.step(progress(step));
        if (step == 50) {
          progress.message("epoch 1/5: done");
        }
      }
    }
    assertEquals(
        List.of("epoch 2/5, step 30/400", "epoch 1/5", "training"),
        terminal.err().lines().map(line -> line.replaceFirst(":.*", "")).toList());
  }
}
