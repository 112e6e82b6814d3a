package io.espalier.pipeline;

import java.nio.file.Path;

/** Hears how far a run is. Called from the thread that runs the recipe. */
public interface Listener {
  /** Hears nothing. */
  Listener NONE = new Listener() {};

  /**
   * A stage has begun.
   *
   * @param stage what is being done, a short phrase such as {@code "pruning"}
   */
  default void stage(String stage) {}

  /**
   * Part of the current stage is done.
   *
   * @param done how much, from 0 to {@code total}
   */
  default void progress(long done, long total) {}

  /** A step of training was made. */
  default void step(TrainingProgress progress) {}

  /**
   * What training needs to go on is on the disk, and stays there if the run fails.
   *
   * @param folder to resume from
   * @param step of the training, after which it would go on
   */
  default void kept(Path folder, long step) {}

  /** Something that stands by itself, a plan or the figures of an epoch: one line. */
  default void message(String line) {}

  /** Asked between steps; answering true ends the run with an {@link InterruptedRunException}. */
  default boolean cancelled() {
    return false;
  }
}
