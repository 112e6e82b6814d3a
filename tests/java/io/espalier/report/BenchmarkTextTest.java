package io.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.espalier.Golden;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchmarkTextTest {
  private static Benchmark sample() {
    return new Benchmark(
        Benchmark.SCHEMA_VERSION,
        "1.2.3",
        "cpu",
        2,
        List.of(
            row("models/digits.onnx", 1_725_875, 1.0, run(1, 0.111, 0.156), 1.0),
            row("digits.onnx.xz", 184_000, 9.38, run(1, 0.11, 0.15), 1.01),
            row("other/digits.onnx", 88_419, 19.5, run(2, 120.5, 1300), 0.001),
            new Benchmark.Row(
                "odd.onnx", 120L, 14382.3, null, null, null, List.of(), "no operator 'Strange'")));
  }

  private static Benchmark.Row row(
      String path, long bytes, double compression, Benchmark.Run run, double speedup) {
    List<String> notes = run.round() == 2 ? List.of("a batch of 8 is not possible") : List.of();
    return new Benchmark.Row(path, bytes, compression, 3.36, run, speedup, notes, null);
  }

  private static Benchmark.Run run(int round, double p50, double p95) {
    return new Benchmark.Run(
        round, List.of("image float[1,1,28,28]"), 1, 811, p50, p95, 1000 / p50);
  }

  @Test
  void textIsAsItWas() throws IOException {
    Golden.check("bench.txt", BenchmarkText.render(sample(), 80, Paint.NONE));
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 100, 140})
  void textFitsTheWidth(int width) {
    BenchmarkText.render(sample(), width, Paint.NONE)
        .lines()
        .forEach(line -> assertTrue(line.length() <= width, line));
  }

  @Test
  void jsonLeavesOutWhatWasNotMeasured() {
    var json = JsonParser.parseString(Json.of(sample())).getAsJsonObject();
    assertEquals("schemaVersion", json.keySet().iterator().next());
    assertEquals(
        List.of("path", "bytes", "compression", "notes", "failure"),
        List.copyOf(json.getAsJsonArray("models").get(3).getAsJsonObject().keySet()));
  }
}
