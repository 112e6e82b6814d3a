package io.espalier.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of cells in aligned columns, two spaces apart. The first column is text and gives way where
 * the table would be too wide; the others are figures and stand on the right.
 */
final class TextTable {
  private static final int LEAST_NAME = 12;
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final int width;

  TextTable(int width, String... heading) {
    this.width = width;
    rows.add(heading);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  /** The lines, the heading first; none is longer than the width if the figures leave room. */
  List<String> lines() {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int column = 0; column < row.length; column++) {
        widths[column] = Math.max(widths[column], row[column].length());
      }
    }
    int figures = 0;
    for (int column = 1; column < widths.length; column++) {
      figures += GAP.length() + widths[column];
    }
    widths[0] = Math.min(widths[0], Math.max(width - figures, LEAST_NAME));
    List<String> lines = new ArrayList<>();
    for (String[] row : rows) {
      lines.add(line(row, widths));
    }
    return lines;
  }

  private static String line(String[] row, int[] widths) {
    String name = Printable.within(widths[0], row[0]);
    StringBuilder line = new StringBuilder(name).append(" ".repeat(widths[0] - name.length()));
    for (int column = 1; column < row.length; column++) {
      line.append(GAP)
          .append(" ".repeat(widths[column] - row[column].length()))
          .append(row[column]);
    }
    return line.toString().stripTrailing();
  }
}
