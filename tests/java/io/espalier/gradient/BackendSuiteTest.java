package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxFile;
import io.espalier.pass.OpsetUpgrade;
import io.espalier.runtime.Datum;
import io.espalier.runtime.InferredTypes;
import io.espalier.runtime.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Gradients of the cases of ONNX's own backend suite against central differences, where the
 * property {@code espalier.backend} or the variable {@code ESPALIER_BACKEND} names the folder with
 * the cases (one folder each, with model.onnx and test_data_set_0): {@code python -m
 * onnx.backend.test.cmd_tools generate-data -o DIR} writes them into DIR/node.
 */
class BackendSuiteTest {
  private static final double[] STEPS = {1e-2, 3e-3, 1e-3};

  /** Cases that differences cannot judge. */
  private static final List<Pattern> BEYOND_DIFFERENCES =
      Stream.of(
              // at a kink, a step, a tie, or at the end of the domain
              "test_(acosh|elu|leakyrelu|selu|thresholdedrelu)_example.*",
              "test_reduce_min_default_axes_keepdims_example|test_clip_min_greater_than_max",
              "test_l2normalization_axis_0",
              // numbers so large that single precision hides the change
              "test_(log)?softmax_large_number.*|test_convtranspose_3d",
              // drawn anew at every run
              "test_training_dropout.*",
              // rows without any key
              "test_attention_.*(fullymasked|nan_robustness|structural_empty|rank4_mask).*")
          .map(Pattern::compile)
          .toList();

  private enum Result {
    AGREES,
    NO_FLOATS,
    REFUSED,
    NOT_OPENED
  }

  @Test
  void everyCaseAgreesOrIsRefused() throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<Result, Integer> counts = new TreeMap<>();
    for (Path folder : folders()) {
      String name = folder.getFileName().toString();
      try (OnnxFile file = OnnxFile.open(folder.resolve("model.onnx"))) {
        counts.merge(
            new Case(ModelCopy.of(file.model(), 10).model(), data(folder)).check(),
            1,
            Integer::sum);
      } catch (ModelException | AssertionError | IllegalStateException e) {
        if (BEYOND_DIFFERENCES.stream().noneMatch(known -> known.matcher(name).matches())) {
          wrong.add(name + ": " + e.getMessage());
        }
      }
    }
    System.out.println("cases of the backend suite: " + counts);
    assertEquals("", String.join("\n", wrong));
  }

  private static List<Path> folders() throws IOException {
    String set = System.getProperty("espalier.backend", System.getenv("ESPALIER_BACKEND"));
    Assumptions.assumeTrue(
        set != null && Files.isDirectory(Path.of(set)),
        "no cases: set ESPALIER_BACKEND to their folder");
    try (Stream<Path> all = Files.list(Path.of(set))) {
      return all.filter(path -> Files.exists(path.resolve("model.onnx"))).sorted().toList();
    }
  }

  /** The inputs of a case, in order; a file that holds no tensor ends the list. */
  private static List<Tensor> data(Path folder) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    Path file = folder.resolve("test_data_set_0/input_0.pb");
    while (Files.exists(file)) {
      byte[] wrapped = inModel(Files.readAllBytes(file));
      Path model = Files.createTempFile("case", ".onnx");
      Files.write(model, wrapped);
      try (OnnxFile one = OnnxFile.open(model)) {
        Tensor tensor = one.model().graph().initializers().get(0).initializer().orElseThrow();
        var elements = Elements.of(tensor);
        tensors.add(
            elements.isEmpty()
                ? tensor
                : Elements.tensor(tensor.dataType(), tensor.shape(), elements.get()));
      } finally {
        Files.delete(model);
      }
      file = folder.resolve("test_data_set_0/input_" + tensors.size() + ".pb");
    }
    return tensors;
  }

  /** A model whose graph has a serialized tensor as its only initializer. */
  private static byte[] inModel(byte[] tensor) throws IOException {
    byte[] graph = field(5, tensor);
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.write(new byte[] {8, 8}); // ir_version = 8
    model.write(field(7, graph));
    model.write(field(8, new byte[] {16, 17})); // opset_import.version = 17
    return model.toByteArray();
  }

  private static byte[] field(int number, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(number << 3 | 2);
    int length = content.length;
    while (length > 127) {
      bytes.write(length & 127 | 128);
      length >>= 7;
    }
    bytes.write(length);
    bytes.write(content);
    return bytes.toByteArray();
  }

  /** One case: its float inputs are differentiated by. */
  private static final class Case {
    private final Model model;
    private final Graph graph;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Random random = new Random(5);

    Case(Model model, List<Tensor> data) {
      this.model = model;
      this.graph = model.graph();
      for (int i = 0; i < Math.min(data.size(), graph.inputs().size()); i++) {
        inputs.put(graph.inputs().get(i).name(), data.get(i));
      }
    }

    Result check() throws IOException {
      List<Value> points =
          graph.inputs().stream()
              .filter(input -> inputs.containsKey(input.name()))
              .filter(input -> inputs.get(input.name()).dataType() == DataType.FLOAT)
              .filter(input -> inputs.get(input.name()).shape().elements() > 0)
              .toList();
      Types types;
      try {
        types = InferredTypes.of(model);
        if (!new OpsetUpgrade(types).run(model).refusals().isEmpty()) {
          return Result.REFUSED;
        }
        types = InferredTypes.of(model);
      } catch (ModelException e) {
        return Result.NOT_OPENED;
      }
      Types known = types;
      List<Value> outputs =
          graph.outputs().stream()
              .filter(y -> known.shape(y).filter(shape -> shape.elements() == 0).isEmpty())
              .filter(y -> known.dataType(y).filter(type -> type == DataType.FLOAT).isPresent())
              .toList();
      if (points.isEmpty() || outputs.isEmpty()) {
        return Result.NO_FLOATS;
      }
      Value loss = loss(outputs);
      Gradients gradients = Backward.of(graph, loss, points, InferredTypes.of(model));
      if (gradients.of().isEmpty()) {
        return requireReasons(gradients.refusals());
      }
      List<Value> wanted = new ArrayList<>(List.of(loss));
      wanted.addAll(gradients.of().values());
      graph.setOutputs(wanted);
      try (Session session = GradientCheck.open(model)) {
        compare(session, loss, gradients);
      }
      return Result.AGREES;
    }

    private static Result requireReasons(List<Refusal> refusals) {
      assertEquals(false, refusals.isEmpty(), "no gradient, and no reason");
      return Result.REFUSED;
    }

    private Value loss(List<Value> outputs) {
      Ops ops = new Ops(graph);
      List<Value> sums = new ArrayList<>();
      for (Value y : outputs) {
        Value one = ops.scalar(DataType.INT64, 1);
        Value count = ops.range(ops.scalar(DataType.INT64, 0), ops.size(y), one);
        Value angle = ops.mul(ops.cast(count, DataType.FLOAT), ops.scalar(DataType.FLOAT, 1.7));
        Value shifted = ops.add(angle, ops.scalar(DataType.FLOAT, 0.3 + sums.size()));
        Value factors = ops.reshape(ops.call("Sin", shifted), ops.shape(y));
        Value flat = ops.reshape(ops.mul(y, factors), -1);
        sums.add(ops.reduceSum(flat, new long[] {0}, false));
      }
      return ops.sum(sums);
    }

    private void compare(Session session, Value loss, Gradients gradients) {
      Map<String, Datum> feeds = new HashMap<>();
      inputs.forEach((name, tensor) -> feeds.put(name, Datum.of(tensor)));
      Map<String, Datum> results = session.run(feeds);
      for (Map.Entry<Value, Value> one : gradients.of().entrySet()) {
        double[] gradient = GradientCheck.numbers(results.get(one.getValue().name()));
        Tensor point = inputs.get(one.getKey().name());
        assertEquals(point.shape().elements(), gradient.length, "elements of the gradient");
        compare(session, loss, feeds, one.getKey().name(), gradient);
      }
    }

    private void compare(
        Session session, Value loss, Map<String, Datum> feeds, String input, double[] gradient) {
      Tensor point = inputs.get(input);
      var element = Elements.of(point).orElseThrow();
      double[] direction = random.doubles(gradient.length, -1, 1).toArray();
      double expected = 0;
      double norm = 0;
      for (int i = 0; i < gradient.length; i++) {
        expected += gradient[i] * direction[i];
        norm += gradient[i] * gradient[i];
      }
      double scale = Math.max(Math.abs(expected), 0.5 * Math.sqrt(norm)) + 1e-3;
      double best = Double.POSITIVE_INFINITY;
      double nearest = 0;
      boolean finite = false;
      for (double step : STEPS) {
        double[] values = new double[2];
        for (int side = 0; side < 2; side++) {
          double signed = side == 0 ? step : -step;
          Map<String, Datum> moved = new HashMap<>(feeds);
          moved.put(
              input,
              Datum.of(
                  Elements.tensor(
                      DataType.FLOAT,
                      point.shape(),
                      i -> element.applyAsDouble(i) + signed * direction[i])));
          values[side] = GradientCheck.numbers(session.run(moved).get(loss.name()))[0];
        }
        double difference = (values[0] - values[1]) / (2 * step);
        double rounding = 1e-6 * Math.abs(values[0]) / step;
        double error = Math.max(0, Math.abs(difference - expected) - rounding) / scale;
        finite |= Double.isFinite(difference);
        if (error < best) {
          best = error;
          nearest = difference;
        }
      }
      assertEquals(
          true,
          best < 2e-2 || !finite,
          "%s: gradient says %s, differences say %s".formatted(input, expected, nearest));
    }
  }
}
