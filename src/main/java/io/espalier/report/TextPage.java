package io.espalier.report;

import io.espalier.report.Paint.Tone;
import io.espalier.report.Report.GateResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Lines for the terminal: aligned, in ASCII but for names, none longer than the width but where a
 * single word is. Long lists are folded, and say so.
 */
final class TextPage {
  static final int MOST_ROWS = 40;
  static final String INDENT = "  ";

  /** A space at which no line ends. */
  static final char NO_BREAK = '\u00a0';

  private static final int MOST_NAMES = 6;
  private static final int LEAST_WIDTH = 60;
  private static final int LABEL = 12;

  private final int width;
  private final Paint paint;
  private final String whole;
  private final StringBuilder out = new StringBuilder();

  /**
   * An empty page.
   *
   * @param whole where everything is that is folded here, such as {@code --json has all}
   */
  TextPage(int width, Paint paint, String whole) {
    this.width = Math.max(width, LEAST_WIDTH);
    this.paint = paint;
    this.whole = whole;
  }

  int width() {
    return width;
  }

  /** The page so far, each line ended by a newline. */
  String text() {
    return out.toString();
  }

  void line(String text) {
    out.append(text).append('\n');
  }

  void heading(String text) {
    line(paint.paint(Tone.HEADING, text));
  }

  /** A table; call once it has its rows. */
  void table(TextTable table) {
    List<String> lines = table.lines();
    heading(lines.get(0));
    lines.subList(1, lines.size()).forEach(this::line);
  }

  /** The text broken at spaces so that it fits; following lines stand two columns further in. */
  void wrapped(String indent, String text) {
    wrapped(indent, indent + INDENT, text);
  }

  /** A text behind a label of up to eleven characters; following lines stand below the text. */
  void labelled(String label, String text) {
    String padded = label + " ".repeat(Math.max(1, LABEL - label.length()));
    wrapped(padded, " ".repeat(LABEL), text);
  }

  private void wrapped(String first, String indent, String text) {
    StringBuilder line = new StringBuilder(first);
    boolean empty = true;
    for (String word : text.split(" ")) {
      if (!empty && line.length() + 1 + word.length() > width) {
        line(line.toString());
        line = new StringBuilder(indent);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word.replace(NO_BREAK, ' '));
      empty = false;
    }
    line(line.toString());
  }

  /** Names that have something in common, under what that is. */
  void grouped(Map<String, List<String>> groups) {
    groups.forEach(
        (common, names) -> {
          String count = names.size() == 1 ? "" : Figures.count(names.size()) + " x ";
          wrapped(INDENT, count + Printable.of(common));
          wrapped(INDENT + INDENT, folded(names));
        });
  }

  /** Demands, and whether they are met. */
  void gates(List<GateResult> gates) {
    heading("Gates");
    for (GateResult gate : gates) {
      String verdict =
          gate.met() ? paint.paint(Tone.GOOD, "met   ") : paint.paint(Tone.BAD, "MISSED");
      line(INDENT + verdict + INDENT + Printable.of(TextReport.demand(gate)));
    }
  }

  /** The first names of a list. */
  String folded(List<String> names) {
    StringBuilder text = new StringBuilder();
    for (String name : names.subList(0, Math.min(names.size(), MOST_NAMES))) {
      text.append(text.isEmpty() ? "" : ", ").append(Printable.within(width / 2, name));
    }
    if (names.size() > MOST_NAMES) {
      text.append(" and ").append(Figures.count(names.size() - MOST_NAMES));
      text.append(" more; ").append(whole);
    }
    return text.toString();
  }

  /** Says how many of {@code all} rows are not among those of {@link #largest}. */
  void foldedRows(List<?> all) {
    if (all.size() > MOST_ROWS) {
      line("and " + Figures.count(all.size() - MOST_ROWS) + " smaller ones; " + whole);
    }
  }

  /** As many of the largest as a table can have, in their order. */
  static <T> List<T> largest(List<T> all, ToLongFunction<T> size) {
    if (all.size() <= MOST_ROWS) {
      return all;
    }
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < all.size(); place++) {
      places.add(place);
    }
    places.sort(Comparator.comparingLong(place -> -size.applyAsLong(all.get(place))));
    Set<Integer> kept = new HashSet<>(places.subList(0, MOST_ROWS));
    List<T> shown = new ArrayList<>();
    for (int place = 0; place < all.size(); place++) {
      if (kept.contains(place)) {
        shown.add(all.get(place));
      }
    }
    return shown;
  }
}
