package io.espalier.train;

/** Hears how far a training run is, from the thread that runs it. An exception ends the run. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** What is going to happen, before the first step. */
  default void planned(String line) {}

  /** A step has been made. */
  default void step(long done, long total) {}

  /** An epoch has ended. */
  default void epoch(Epoch epoch, int epochs) {}
}
