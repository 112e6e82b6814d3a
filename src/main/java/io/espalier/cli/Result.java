package io.espalier.cli;

import io.espalier.pipeline.Listener;
import io.espalier.report.Json;
import io.espalier.report.Paint;
import java.io.IOException;
import picocli.CommandLine.ParseResult;

/** What a command finds out and prints, as a text or as JSON. */
final class Result {
  /** What takes its time. */
  @FunctionalInterface
  interface Work<T> {
    T run(Listener listener) throws IOException;
  }

  /** How a text is made of what was found. */
  @FunctionalInterface
  interface Text<T> {
    String render(T found, int columns, Paint paint);
  }

  private Result() {}

  /** Works with progress shown, prints what was found and gives it. */
  static <T extends Record> T of(
      Work<T> work, Text<T> text, ParseResult arguments, Terminal terminal) throws IOException {
    T found;
    try (Progress progress = Progress.on(terminal, false, Interruption.never())) {
      found = work.run(progress);
    }
    terminal
        .out()
        .print(
            arguments.hasMatchedOption(Options.JSON)
                ? Json.of(found)
                : text.render(found, terminal.columns(), terminal.paint()));
    return found;
  }
}
