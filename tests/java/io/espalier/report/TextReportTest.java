package io.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Golden;
import io.espalier.report.Report.RefusalRow;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextReportTest {
  @Test
  void showsEverythingMeasured() throws IOException {
    Golden.check("report.txt", TextReport.render(SampleReports.full(), 80, Paint.NONE));
  }

  @Test
  void leavesOutWhatWasNotMeasured() throws IOException {
    Golden.check("report-empty.txt", TextReport.render(SampleReports.empty(), 80, Paint.NONE));
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 80, 100, 140})
  void fitsTheWidth(int width) {
    TextReport.render(SampleReports.full(), width, Paint.NONE)
        .lines()
        .forEach(line -> assertTrue(line.length() <= width, line));
  }

  @Test
  void foldsLongListsAndSaysSo() {
    String text = TextReport.render(SampleReports.large(100), 80, Paint.NONE);
    assertEquals(40, text.lines().filter(line -> line.startsWith("layer")).count());
    assertTrue(text.contains("and 60 smaller ones; --report"), text);
    assertTrue(text.contains("9 x kernel of a depthwise convolution"), text);
    assertTrue(text.replaceAll("\\s+", " ").contains("and 3 more; --report"), text);
  }

  @Test
  void paintTakesNoRoom() {
    Paint angle = (tone, text) -> "<" + text + ">";
    String painted = TextReport.render(SampleReports.full(), 80, angle);
    assertTrue(painted.contains("  <MISSED>  max-bytes"), painted);
    assertEquals(
        TextReport.render(SampleReports.full(), 80, Paint.NONE),
        painted.replaceAll("(?m)^<(.*)>$", "$1").replaceAll("<(met   |MISSED)>", "$1"));
  }

  @Test
  void namesCannotMoveTheCursor() {
    RefusalRow hostile = new RefusalRow("\u001b[2Jname\r\n\u202egpj", "why\u0007 not");
    Report full = SampleReports.full();
    Report report =
        new Report(
            1,
            "1",
            full.input(),
            null,
            null,
            null,
            null,
            List.of(),
            null,
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            List.of(),
            List.of(hostile),
            List.of(),
            1.0);
    String text = TextReport.render(report, 80, Paint.NONE);
    assertTrue(text.contains("?[2Jname???gpj"), text);
    assertFalse(text.chars().anyMatch(c -> c < ' ' && c != '\n'), text);
  }
}
