package io.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0|0", "999|999", "1000|1,000", "-1000|-1,000", "-999|-999", "1234567|1,234,567"})
  void groupsThousands(long value, String text) {
    assertEquals(text, Figures.count(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, '1,023 B'",
    "1024, 1.00 KiB",
    "10230, 9.99 KiB",
    "10240, 10.0 KiB",
    "865000, 845 KiB",
    "1725801, 1.65 MiB",
    "9223372036854775807, 8.00 EiB"
  })
  void givesBytesAUnit(long bytes, String text) {
    assertEquals(text, Figures.bytes(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0%",
    "0.5, 50.0%",
    "1, 100.0%",
    "0.99974, 99.97%",
    "0.99999, 99.999%",
    "0.000002, 0.0002%",
    "0.71349, 71.3%",
    "NaN, NaN"
  })
  void saysAllOrNothingOnlyOfAllOrNothing(double share, String text) {
    assertEquals(text, Figures.percent(share));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.021345, 0.0213",
    "4.13e-7, 4.13e-7",
    "4e-7, 4e-7",
    "123.4, 123",
    "1e5, 100000",
    "12345678, 1.23e7",
    "-0.5, -0.5",
    "Infinity, infinite",
    "NaN, NaN"
  })
  void writesDifferencesOfAnyMagnitude(double value, String text) {
    assertEquals(text, Figures.any(value));
  }

  @ParameterizedTest
  @CsvSource({"0.41234, 0.412 ms", "1.5, 1.50 ms", "9.999, 10.0 ms", "123.4, 123 ms"})
  void givesTimesThreeDigits(double millis, String text) {
    assertEquals(text, Figures.millis(millis));
  }

  @ParameterizedTest
  @CsvSource({"0.82049, 0.82x", "0.999, 1.00x", "1, 1.00x", "12.34, 12.3x"})
  void givesRatiosAFactor(double ratio, String text) {
    assertEquals(text, Figures.ratio(ratio));
  }

  @Test
  void writesTheWayInPoints() {
    assertEquals("-0.20 pp", Figures.points(0.991, 0.989));
    assertEquals("+1.00 pp", Figures.points(0.5, 0.51));
    assertEquals("0.00 pp", Figures.points(0.5, 0.5));
  }

  @Test
  void writesShapes() {
    assertEquals("20x1x5x5", Figures.shape(List.of(20L, 1L, 5L, 5L)));
    assertEquals("scalar", Figures.shape(List.of()));
  }
}
