package io.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.data.ArrayFiles;
import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.data.Preprocessing;
import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.pass.LossKind;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets of every form, against the textbook's formula on what the model gives. */
class TargetFormsTest {
  private static final int SAMPLES = 5;

  @TempDir Path folder;
  private final float[] x = random(3, SAMPLES * 8);
  private Model model;
  private double[] given;

  private static float[] random(long seed, int size) {
    Random random = new Random(seed);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** x [N,8] -> MatMul w [8,12] (-> Reshape [N, dims]) (-> last) -> y. */
  private void open(String last, long... dims) throws IOException {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("net")
            .addNode(Models.node("MatMul", "first", List.of("x", "w"), "h"))
            .addInitializer(Models.random("w", 1, 8, 12))
            .addInput(Models.value("x", "N", 8));
    TensorProto.Builder shape =
        TensorProto.newBuilder().setName("shape").setDataType(7).addDims(dims.length + 1);
    shape.addInt64Data(0);
    Arrays.stream(dims).forEach(shape::addInt64Data);
    String out = last == null ? "y" : "r";
    graph
        .addInitializer(shape)
        .addNode(Models.node("Reshape", "shaped", List.of("h", "shape"), out));
    if (last != null) {
      graph.addNode(Models.node(last, "last", List.of("r"), "y"));
    }
    Object[] declared = new Object[dims.length + 1];
    declared[0] = "N";
    for (int i = 0; i < dims.length; i++) {
      declared[i + 1] = (int) dims[i];
    }
    graph.addOutput(Models.value("y", declared));
    ByteBuffer bytes = ByteBuffer.wrap(Models.model(graph.build(), 13).build().toByteArray());
    model = OnnxFile.open(bytes, Path.of("net.onnx")).model();
    try (Session session = Session.open(model, SessionOptions.DEFAULT.withThreads(1))) {
      Datum input = Datum.of(ArrayTensor.of(Shape.of(SAMPLES, 8), x));
      Datum.Numbers result = (Datum.Numbers) session.run(Map.of("x", input)).get("y");
      IntToDoubleFunction element = Elements.of(result.tensor()).orElseThrow();
      given = new double[SAMPLES * 12];
      Arrays.setAll(given, element::applyAsDouble);
    }
  }

  private Dataset data(byte[] y) throws IOException {
    Path file = folder.resolve("d.npz");
    ArrayFiles.npz(file, Map.of("x", ArrayFiles.floats("%d, 8".formatted(SAMPLES), x), "y", y));
    Value input = model.graph().requiredInputs().get(0);
    return Dataset.open(
        DataSource.parse(file.toString()),
        Map.of("x", input.type().orElseThrow()),
        Preprocessing.NONE);
  }

  private Judge check(double expected, LossKind kind, byte[] y) throws IOException {
    return check(expected, kind, y, Optional.empty());
  }

  private Judge check(double expected, LossKind kind, byte[] y, Optional<LossKind> asked)
      throws IOException {
    Dataset data = data(y);
    ModelLoss loss = new ModelLoss(model, data.targets().orElseThrow(), asked);
    assertEquals(kind, loss.kind());
    // 1 - p of a float32 probability near 1 has few digits
    assertEquals(expected, loss.of(data, 2, SessionOptions.DEFAULT.withThreads(1)), 1e-4);
    Judge judge = loss.judge(data.targets().orElseThrow());
    try (Session session = Session.open(model, SessionOptions.DEFAULT.withThreads(1))) {
      for (Dataset.Batch batch : data.batches(2)) {
        judge.add(session.run(Map.of("x", Datum.of(batch.inputs().get("x")))), batch.rows());
      }
    }
    assertEquals(SAMPLES, judge.samples());
    return judge;
  }

  /** ln softmax of class {@code c} of the classes at {@code start}, {@code step} apart. */
  private double logSoftmax(int start, int step, int classes, int c) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += Math.exp(given[start + k * step]);
    }
    return given[start + c * step] - Math.log(sum);
  }

  private int best(int start, int step, int classes) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      best = given[start + k * step] > given[start + best * step] ? k : best;
    }
    return best;
  }

  @Test
  void numbersToReach() throws IOException {
    open(null, 12);
    float[] y = random(9, SAMPLES * 12);
    double squares = 0;
    double magnitudes = 0;
    for (int i = 0; i < y.length; i++) {
      squares += (given[i] - y[i]) * (given[i] - y[i]) / y.length;
      magnitudes += Math.abs(given[i] - y[i]) / y.length;
    }
    Judge judge = check(squares, LossKind.SQUARED_ERROR, ArrayFiles.floats("5, 12", y));
    assertEquals(squares, judge.squaredError().getAsDouble(), 1e-5);
    assertEquals(magnitudes, judge.absoluteError().getAsDouble(), 1e-5);
    assertTrue(judge.accuracy().isEmpty() && judge.confusion().isEmpty());
  }

  @Test
  void softTargets() throws IOException {
    open(null, 12);
    float[] y = new float[SAMPLES * 12];
    double expected = 0;
    double right = 0;
    for (int n = 0; n < SAMPLES; n++) {
      int second = (n + 3) % 12;
      y[12 * n + n] = 0.75f;
      y[12 * n + second] = 0.25f;
      expected -= 0.75 * logSoftmax(12 * n, 1, 12, n) / SAMPLES;
      expected -= 0.25 * logSoftmax(12 * n, 1, 12, second) / SAMPLES;
      right += best(12 * n, 1, 12) == n ? 1.0 / SAMPLES : 0;
    }
    Judge judge =
        check(
            expected,
            LossKind.DISTRIBUTIONS,
            ArrayFiles.floats("5, 12", y),
            Optional.of(LossKind.LABELS));
    assertEquals(right, judge.accuracy().getAsDouble(), 1e-9);
  }

  @Test
  void severalLabelsAtOnce() throws IOException {
    open("Sigmoid", 12);
    float[] y = new float[SAMPLES * 12];
    double expected = 0;
    int right = 0;
    for (int i = 0; i < y.length; i++) {
      y[i] = i % 3 == 0 || i % 7 == 0 ? 1 : 0;
      expected -= Math.log(y[i] == 1 ? given[i] : 1 - given[i]) / y.length;
      right += given[i] > 0.5 == y[i] > 0.5 ? 1 : 0;
    }
    Judge judge = check(expected, LossKind.BINARY, ArrayFiles.floats("5, 12", y));
    assertEquals((double) right / y.length, judge.accuracy().getAsDouble(), 1e-9);
    assertTrue(judge.confusion().isEmpty());
  }

  @Test
  void aLabelForEveryPositionOfASequence() throws IOException {
    open(null, 4, 3);
    long[] y = new long[SAMPLES * 4];
    double expected = 0;
    int right = 0;
    for (int i = 0; i < y.length; i++) {
      y[i] = i % 3;
      expected -= logSoftmax(3 * i, 1, 3, (int) y[i]) / y.length;
      right += best(3 * i, 1, 3) == y[i] ? 1 : 0;
    }
    Judge judge = check(expected, LossKind.LABELS, ArrayFiles.longs("5, 4", y));
    assertEquals((double) right / y.length, judge.accuracy().getAsDouble(), 1e-9);
    assertEquals(y.length, judge.confusion().orElseThrow().samples());
  }

  @Test
  void aDistributionForEveryPositionOfASequence() throws IOException {
    open("Softmax", 4, 3);
    float[] y = new float[SAMPLES * 12];
    double expected = 0;
    for (int i = 0; i < SAMPLES * 4; i++) {
      for (int c = 0; c < 3; c++) {
        y[3 * i + c] = new float[] {0.5f, 0.375f, 0.125f}[(c + i) % 3];
        expected -= y[3 * i + c] * Math.log(given[3 * i + c]) / (SAMPLES * 4);
      }
    }
    check(expected, LossKind.DISTRIBUTIONS, ArrayFiles.floats("5, 4, 3", y));
  }

  @Test
  void aLabelForEveryPixel() throws IOException {
    open(null, 3, 2, 2);
    long[] y = new long[SAMPLES * 4];
    double expected = 0;
    int right = 0;
    for (int i = 0; i < y.length; i++) {
      y[i] = i % 3;
      int start = i / 4 * 12 + i % 4;
      expected -= logSoftmax(start, 4, 3, (int) y[i]) / y.length;
      right += best(start, 4, 3) == y[i] ? 1 : 0;
    }
    Judge judge = check(expected, LossKind.LABELS, ArrayFiles.longs("5, 2, 2", y));
    assertEquals((double) right / y.length, judge.accuracy().getAsDouble(), 1e-9);
  }

  @Test
  void targetsThatFitNothingSayWhatWould() throws IOException {
    open(null, 4, 3);
    refuses(
        ArrayFiles.longs("5,", 0, 1, 2, 0, 1),
        "targets of shape scalar per sample fit no output of the model; expected for output 'y' classes of"
            + " shape [4] or numbers of shape [4, 3]");
    long[] beyond = new long[20];
    beyond[13] = 3;
    refuses(
        ArrayFiles.longs("5, 4", beyond), "label of sample 3: the model has classes 0 to 2, got 3");
    refuses(
        ArrayFiles.floats("5, 4", random(2, 20)),
        "sample 0: expected a class number from 0 on, got");
    open("Sigmoid", 12);
    refuses(
        ArrayFiles.floats("5, 12", random(2, 60)),
        "cross-entropy expects numbers from 0 to 1, got");
  }

  private void refuses(byte[] y, String message) throws IOException {
    Dataset data = data(y);
    ModelException e = assertThrows(ModelException.class, () -> loss(data));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private void loss(Dataset data) {
    new ModelLoss(model, data.targets().orElseThrow(), Optional.empty())
        .of(data, 2, SessionOptions.DEFAULT.withThreads(1));
  }
}
