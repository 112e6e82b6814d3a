package io.espalier.report;

/**
 * Names out of a model, made harmless: a file may carry any characters in its names, such as those
 * that move a terminal's cursor or turn the direction of text.
 */
public final class Printable {
  private static final String GAP = "...";

  private Printable() {}

  /** The text with every character that does not stand for itself replaced by {@code ?}. */
  public static String of(String text) {
    StringBuilder printable = null;
    for (int i = 0; i < text.length(); i++) {
      if (!standsForItself(text.charAt(i))) {
        printable = printable == null ? new StringBuilder(text) : printable;
        printable.setCharAt(i, '?');
      }
    }
    return printable == null ? text : printable.toString();
  }

  /** The printable text, shortened in the middle to {@code width} characters. */
  static String within(int width, String text) {
    String printable = of(text);
    if (printable.length() <= width) {
      return printable;
    }
    int kept = Math.max(width - GAP.length(), 2);
    int head = kept / 2;
    return printable.substring(0, head)
        + GAP
        + printable.substring(printable.length() - (kept - head));
  }

  private static boolean standsForItself(char character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
