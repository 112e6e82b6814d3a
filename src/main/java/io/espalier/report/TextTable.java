package io.espalier.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of cells in aligned columns, two spaces apart. The first column is text and gives way where
 * the table would be too wide; the others are figures and stand on the right.
 */
final class TextTable {
  private static final int LEAST_TEXT = 12;
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final int width;
  private boolean endsInText;

  TextTable(int width, String... heading) {
    this.width = width;
    rows.add(heading);
  }

  /** Makes the last column text as well, which gives way to half the room that is left. */
  TextTable endingInText() {
    endsInText = true;
    return this;
  }

  void row(String... cells) {
    rows.add(cells);
  }

  /** Whether all is shown in full. */
  boolean fits() {
    int[] widths = contentWidths();
    return Arrays.stream(widths).sum() + GAP.length() * (widths.length - 1) <= width;
  }

  private int[] contentWidths() {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int column = 0; column < row.length; column++) {
        widths[column] = Math.max(widths[column], row[column].length());
      }
    }
    return widths;
  }

  /** The lines, the heading first; none is longer than the width if the figures leave room. */
  List<String> lines() {
    int[] widths = contentWidths();
    int last = widths.length - 1;
    int room = width;
    for (int column = 1; column <= last; column++) {
      room -= GAP.length() + (endsInText && column == last ? 0 : widths[column]);
    }
    if (endsInText) {
      int least = Math.max(Math.max(room / 2, room - widths[0]), LEAST_TEXT);
      widths[last] = Math.min(widths[last], least);
      room -= widths[last];
    }
    widths[0] = Math.min(widths[0], Math.max(room, LEAST_TEXT));
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      lines.add(line(row, widths));
    }
    return lines;
  }

  private String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < row.length; column++) {
      line.append(column == 0 ? "" : GAP);
      boolean text = column == 0 || endsInText && column == row.length - 1;
      String cell = text ? Printable.within(widths[column], row[column]) : row[column];
      String blank = " ".repeat(widths[column] - cell.length());
      line.append(text ? cell + blank : blank + cell);
    }
    return line.toString().stripTrailing();
  }
}
