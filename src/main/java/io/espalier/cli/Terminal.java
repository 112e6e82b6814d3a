package io.espalier.cli;

import io.espalier.report.Paint;
import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command writes: the report to {@code out}, all else to {@code err}.
 *
 * @param outWatched whether {@code out} is a terminal that shows colours
 * @param errWatched whether {@code err} is a terminal
 * @param columns how wide {@code out} is
 */
record Terminal(
    PrintStream out, PrintStream err, boolean outWatched, boolean errWatched, int columns) {
  /** Which of 1 (out) and 2 (err) are terminals; set by the launcher, who can tell them apart. */
  private static final String WATCHED = "espalier.terminals";

  private static final String COLUMNS = "espalier.columns";
  private static final int USUAL_COLUMNS = 100;
  private static final int MOST_COLUMNS = 140;

  /** The streams of this process. */
  static Terminal ofProcess() {
    String watched = System.getProperty(WATCHED);
    if (watched == null) {
      watched = Ansi.AUTO.enabled() ? "12" : "";
    }
    return new Terminal(
        System.out,
        System.err,
        watched.contains("1") && showsColours(System.getenv()),
        watched.contains("2"),
        Math.min(Integer.getInteger(COLUMNS, USUAL_COLUMNS), MOST_COLUMNS));
  }

  /** See <a href="https://no-color.org">no-color.org</a>. */
  private static boolean showsColours(Map<String, String> environment) {
    return environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  void error(String line) {
    err.println(line);
  }

  void trace(Throwable failure) {
    failure.printStackTrace(err);
  }

  Ansi colours() {
    return outWatched ? Ansi.ON : Ansi.OFF;
  }

  Paint paint() {
    return outWatched ? Terminal::coloured : Paint.NONE;
  }

  private static String coloured(Paint.Tone tone, String text) {
    String style =
        switch (tone) {
          case HEADING -> "1";
          case GOOD -> "32";
          case BAD -> "1;31";
        };
    return "\u001b[" + style + "m" + text + "\u001b[0m";
  }
}
