package io.espalier.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Keeps what a command writes. */
final class RecordingTerminal {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final boolean watched;
  private final int columns;

  RecordingTerminal(boolean watched) {
    this(watched, 80);
  }

  RecordingTerminal(boolean watched, int columns) {
    this.watched = watched;
    this.columns = columns;
  }

  Terminal terminal() {
    return new Terminal(stream(out), stream(err), watched, watched, columns);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
