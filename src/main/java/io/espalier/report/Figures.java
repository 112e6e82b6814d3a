package io.espalier.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as people read them. Locale plays no part: a report is the same on every machine. ({@link
 * String#format} would do, but costs more than the rest of a report together when first used.)
 */
final class Figures {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  private static final int DIGITS = 3;
  private static final int MOST_DECIMALS_OF_PERCENT = 4;

  private Figures() {}

  /** {@code 431,080}. */
  static String count(long value) {
    StringBuilder text = new StringBuilder().append(value);
    for (int at = text.length() - 3; at > (value < 0 ? 1 : 0); at -= 3) {
      text.insert(at, ',');
    }
    return text.toString();
  }

  /** {@code 1 run}, {@code 2,000 runs}. */
  static String counted(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /**
   * {@code 12,300}: so many per second, with three digits where there are fewer before the point.
   */
  static String rate(double perSecond) {
    return perSecond < 1000 ? significant(perSecond) : count(Math.round(perSecond));
  }

  /** {@code 1.64 MiB}: three digits and the unit that suits. */
  static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return (unit == 0 ? count(bytes) : significant(value)) + " " + UNITS[unit];
  }

  /**
   * {@code 71.3%} of a share in [0, 1]. As many decimals as it takes not to say 0% or 100% of what
   * is only nearly so.
   */
  static String percent(double share) {
    if (!Double.isFinite(share)) {
      return special(share);
    }
    BigDecimal percent = new BigDecimal(share).movePointRight(2);
    BigDecimal hundred = BigDecimal.valueOf(100);
    for (int decimals = 1; ; decimals++) {
      BigDecimal rounded = percent.setScale(decimals, RoundingMode.HALF_EVEN);
      boolean says = rounded.signum() == 0 || rounded.compareTo(hundred) == 0;
      boolean is = share == 0 || share == 1;
      if (says == is || decimals == MOST_DECIMALS_OF_PERCENT) {
        return rounded.toPlainString() + "%";
      }
    }
  }

  /** {@code -0.20 pp}: the way from one share to another in percentage points. */
  static String points(double before, double after) {
    double points = (after - before) * 100;
    if (!Double.isFinite(points)) {
      return special(points);
    }
    String text = decimals(points, 2) + " pp";
    return points > 0 ? "+" + text : text;
  }

  /** {@code 1.85x}, {@code 0.0012x}. */
  static String ratio(double ratio) {
    return (Math.abs(ratio) < 0.01 ? any(ratio) : significant(ratio)) + "x";
  }

  /** {@code 0.412 ms}. */
  static String millis(double millis) {
    return significant(millis) + " ms";
  }

  /** {@code 12.3 s}. */
  static String seconds(double seconds) {
    return significant(seconds) + " s";
  }

  /**
   * A number of any magnitude with three digits: {@code 0.0213}, {@code 4.1e-7}; exact zero is
   * {@code 0}.
   */
  static String any(double value) {
    if (!Double.isFinite(value)) {
      return special(value);
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(DIGITS)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 6) {
      return rounded.toPlainString();
    }
    BigDecimal mantissa = rounded.movePointLeft(exponent);
    return mantissa.toPlainString() + "e" + exponent;
  }

  /** {@code 20x1x5x5}; {@code scalar} for no dimensions. */
  static String shape(Iterable<Long> shape) {
    StringBuilder text = new StringBuilder();
    for (long dim : shape) {
      text.append(text.isEmpty() ? "" : "x").append(dim);
    }
    return text.isEmpty() ? "scalar" : text.toString();
  }

  private static String significant(double value) {
    if (!Double.isFinite(value)) {
      return special(value);
    }
    double magnitude = Math.abs(value);
    return decimals(
        value, magnitude < 0.995 ? 3 : magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0);
  }

  private static String decimals(double value, int decimals) {
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static String special(double value) {
    return Double.isNaN(value) ? "NaN" : value > 0 ? "infinite" : "-infinite";
  }
}
