package io.espalier.train;

import java.nio.file.Path;

/**
 * Hears how far a training run is, from the thread that runs it. An exception ends the run; if it
 * has checkpoints, one is made first.
 */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** What is going to happen, before the first step. */
  default void planned(String line) {}

  /** A step has been made. */
  default void step(Step step) {}

  /** Part of the validation samples have been judged. */
  default void judging(long done, long total) {}

  /** An epoch has ended. */
  default void epoch(Epoch epoch, int epochs) {}

  /**
   * A checkpoint is on the disk.
   *
   * @param step after which the run can go on
   */
  default void kept(Path folder, long step) {}
}
