package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Shape;
import io.espalier.onnx.Models;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  @Test
  void takesPercentilesByNearestRank() {
    long[] nanos =
        LongStream.rangeClosed(1, 100).map(i -> 101 - i).map(ms -> ms * 1_000_000).toArray();
    assertEquals(new Timing(50, 95, 100), Timing.of(nanos, 100));
    assertEquals(new Timing(7, 7, 1), Timing.of(new long[] {7_000_000, 0}, 1));
  }

  @Test
  void timesAllSessionsEquallyOftenWithinTheBudget() {
    ByteBuffer bytes = ByteBuffer.wrap(Models.perceptron().build().toByteArray());
    try (Session a = Session.open("a", bytes, SessionOptions.DEFAULT);
        Session b = Session.open("b", bytes, SessionOptions.DEFAULT)) {
      Map<String, Datum> x = Map.of("x", Datum.of(ArrayTensor.of(Shape.of(1, 8), new float[8])));
      long start = System.nanoTime();
      List<Timing> timings = Stopwatch.time(List.of(a, b), x, Duration.ofMillis(50));
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertEquals(2, timings.size());
      assertEquals(timings.get(0).runs(), timings.get(1).runs());
      assertTrue(timings.get(0).runs() >= 3);
      assertTrue(timings.get(0).p50Ms() > 0);
      assertTrue(timings.get(0).p95Ms() >= timings.get(0).p50Ms());
      assertTrue(millis < 2000, millis + " ms");
    }
  }
}
