package io.espalier.pipeline;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers with units as users write them in options: {@code 70%}, {@code 500KiB}, {@code 0.5pp}.
 */
public final class Quantity {
  private static final Pattern NUMBER_AND_UNIT =
      Pattern.compile("\\s*([+-]?[0-9]*\\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\\s*([A-Za-z%]*)\\s*");

  private Quantity() {}

  /** A share: {@code 70%} or {@code 0.7}, as a fraction. */
  public static double share(String option, String text) {
    String expected = "a share from 0 to 1, such as 0.7 or 70%";
    Matcher parts = parse(option, text, expected);
    double share =
        switch (parts.group(2)) {
          case "" -> number(parts);
          case "%" -> new BigDecimal(parts.group(1)).movePointLeft(2).doubleValue();
          default -> throw wrong(option, text, expected);
        };
    if (share > 1) {
      throw wrong(option, text, expected);
    }
    return share;
  }

  /** A factor: {@code 3} or {@code 3x}. */
  public static double factor(String option, String text) {
    Matcher parts = parse(option, text, "a factor such as 3 or 3x");
    if (!parts.group(2).isEmpty() && !parts.group(2).equals("x")) {
      throw wrong(option, text, "a factor such as 3 or 3x");
    }
    if (number(parts) <= 0) {
      throw wrong(option, text, "a factor above 0, such as 3 or 3x");
    }
    return number(parts);
  }

  /** Percentage points: {@code 0.5pp}, as a fraction. The unit is required. */
  public static double points(String option, String text) {
    Matcher parts = parse(option, text, "percentage points such as 0.5pp");
    if (!parts.group(2).equals("pp")) {
      throw wrong(option, text, "percentage points such as 0.5pp");
    }
    if (number(parts) < 0) {
      throw wrong(option, text, "0 or more percentage points, such as 0.5pp");
    }
    return number(parts) / 100;
  }

  /** Bytes: {@code 500KiB}, {@code 2MB}, {@code 1000B}. The unit is required. */
  public static long bytes(String option, String text) {
    String expected = "a size such as 500KiB, 2MB or 1000B";
    Matcher parts = parse(option, text, expected);
    double unit =
        switch (parts.group(2).toLowerCase(Locale.ROOT)) {
          case "b" -> 1;
          case "kb" -> 1e3;
          case "mb" -> 1e6;
          case "gb" -> 1e9;
          case "kib" -> 1L << 10;
          case "mib" -> 1L << 20;
          case "gib" -> 1L << 30;
          default -> throw wrong(option, text, expected);
        };
    double bytes = number(parts) * unit;
    if (bytes < 0 || bytes > Long.MAX_VALUE) {
      throw wrong(option, text, expected);
    }
    return (long) bytes;
  }

  private static double number(Matcher parts) {
    return Double.parseDouble(parts.group(1));
  }

  private static Matcher parse(String option, String text, String expected) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text);
    if (!parts.matches()) {
      throw wrong(option, text, expected);
    }
    return parts;
  }

  private static UsageException wrong(String option, String text, String expected) {
    return new UsageException(option + ": expected " + expected + ", got '" + text + "'");
  }
}
