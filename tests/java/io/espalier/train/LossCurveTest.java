package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import io.espalier.data.DataSource;
import io.espalier.data.Preprocessing;
import io.espalier.onnx.OnnxFile;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The losses of 100 training steps against PyTorch's; tools/make_loss_curves.py wrote them. */
class LossCurveTest {
  private static final Path FIXTURES = Path.of("tests/resources/train");
  private static final int SAMPLES = 160;

  @ParameterizedTest
  @CsvSource({"cnn,momentum,0.02", "mlp,adam,0.001"})
  void followsPyTorch(String net, String optimizer, double rate) throws IOException {
    JsonArray expected =
        JsonParser.parseString(Files.readString(FIXTURES.resolve("curve-" + net + ".json")))
            .getAsJsonArray();
    assertEquals(100, expected.size());
    TrainingData data =
        new TrainingData(
            DataSource.parse(FIXTURES.resolve("curve.npz").toString()),
            Optional.empty(),
            Preprocessing.NONE);
    TrainingMachine machine = new TrainingMachine(SessionOptions.DEFAULT.withThreads(1), 1, 0);
    BatchOrder order = new BatchOrder(IntStream.range(0, SAMPLES).toArray(), 32, null);
    Optimizer moved = Optimizer.named(optimizer, Dialect.PYTORCH);
    TrainingSettings settings =
        TrainingSettings.builder(20)
            .batch(32)
            .optimizer(moved)
            .rate(OptionalDouble.of(rate))
            .build();
    try (OnnxFile file = OnnxFile.open(FIXTURES.resolve("curve-" + net + ".onnx"));
        Workbench bench = Workbench.of(file.model(), data, settings, Optional.empty(), machine);
        Workers workers = new Workers(1)) {
      Update update = new Update(bench.trainee().parameters(), moved, settings.clipping(), workers);
      for (int step = 1; step <= expected.size(); step++) {
        int[] rows = order.samples((step - 1) / order.batches(), (step - 1) % order.batches());
        double loss = bench.gradient().run(rows, step).loss();
        assertEquals(expected.get(step - 1).getAsDouble(), loss, 1e-3, "step " + step);
        update.apply(step, rate);
      }
    }
  }
}
