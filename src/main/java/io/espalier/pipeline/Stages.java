package io.espalier.pipeline;

/** Tells a listener where a run is, and ends the run if the listener asks for that. */
final class Stages {
  private Stages() {}

  /** A stage begins. */
  static void begin(Listener listener, String stage) {
    stopIfCancelled(listener);
    listener.stage(stage);
  }

  /** So much of the current stage is done. */
  static void progress(Listener listener, long done, long total) {
    stopIfCancelled(listener);
    listener.progress(done, total);
  }

  /** Ends the run if the listener asks for that. */
  static void stopIfCancelled(Listener listener) {
    if (listener.cancelled()) {
      throw new InterruptedRunException();
    }
  }
}
