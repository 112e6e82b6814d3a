package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.BackendSuite;
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
import java.io.IOException;
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
import org.junit.jupiter.api.Test;

/** Gradients of the cases of ONNX's own backend suite against central differences. */
class BackendSuiteTest {
  private static final double[] STEPS = {0.1, 1e-2, 3e-3, 1e-3};

  /** Cases that differences cannot judge. */
  private static final List<Pattern> BEYOND_DIFFERENCES =
      Stream.of(
              // at the end of the domain, where the slope is infinite
              "test_acosh_example",
              // at a step
              "test_thresholdedrelu_example.*",
              // the unit vector of the zero vector
              "test_l2normalization_axis_0",
              // their results are not all numbers: roots of negative ones, masks of -inf
              "test_pow|test_attention_4d_with_past_and_present_qk_matmul_bias_.d_mask_causal_.*",
              // drawn anew at every run
              "test_training_dropout.*")
          .map(Pattern::compile)
          .toList();

  private enum Result {
    AGREES,
    NO_FLOATS,
    REFUSED,
    STRAIGHT_THROUGH,
    NOT_OPENED
  }

  @Test
  void everyCaseAgreesOrIsRefused() throws IOException {
    List<String> wrong = new ArrayList<>();
    Map<Result, Integer> counts = new TreeMap<>();
    for (Path folder : BackendSuite.folders()) {
      String name = folder.getFileName().toString();
      try (OnnxFile file = OnnxFile.open(folder.resolve("model.onnx"))) {
        counts.merge(
            new Case(ModelCopy.of(file.model(), 10).model(), BackendSuite.inputs(folder)).check(),
            1,
            Integer::sum);
      } catch (ModelException | AssertionError | IllegalStateException e) {
        if (System.getenv("SHOW") != null
            || BEYOND_DIFFERENCES.stream().noneMatch(known -> known.matcher(name).matches())) {
          wrong.add(name + ": " + e.getMessage());
        }
      }
    }
    System.out.println("cases of the backend suite: " + counts);
    assertEquals("", String.join("\n", wrong));
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
      if (gradients.refusals().stream().anyMatch(one -> one.reason().contains("identity"))) {
        return Result.STRAIGHT_THROUGH;
      }
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
      double[] direction = random.doubles(gradient.length, -1, 1).toArray();
      double expected = 0;
      double norm = 0;
      for (int i = 0; i < gradient.length; i++) {
        expected += gradient[i] * direction[i];
        norm += gradient[i] * gradient[i];
      }
      double scale = Math.max(Math.abs(expected), 0.5 * Math.sqrt(norm)) + 1e-3;
      double value = loss(session, loss, feeds, input, direction, 0);
      double best = Double.POSITIVE_INFINITY;
      double nearest = Double.NaN;
      for (double step : STEPS) {
        double ahead = (loss(session, loss, feeds, input, direction, step) - value) / step;
        double behind = (value - loss(session, loss, feeds, input, direction, -step)) / step;
        double rounding = 1e-6 * Math.abs(value) / step;
        double difference = (ahead + behind) / 2;
        // at a kink, any slope between those of both sides is one
        double error =
            Math.min(
                Math.abs(difference - expected),
                Math.max(Math.min(ahead, behind) - expected, expected - Math.max(ahead, behind)));
        error = Math.max(0, error - rounding) / scale;
        if (error < best) {
          best = error;
          nearest = difference;
        }
      }
      assertEquals(
          true,
          best < 2e-2,
          "%s: gradient says %s, differences say %s".formatted(input, expected, nearest));
    }

    private double loss(
        Session session,
        Value loss,
        Map<String, Datum> feeds,
        String input,
        double[] direction,
        double step) {
      Tensor point = inputs.get(input);
      var element = Elements.of(point).orElseThrow();
      Tensor moved =
          Elements.tensor(
              DataType.FLOAT, point.shape(), i -> element.applyAsDouble(i) + step * direction[i]);
      Map<String, Datum> all = new HashMap<>(feeds);
      all.put(input, Datum.of(moved));
      return GradientCheck.numbers(session.run(all).get(loss.name()))[0];
    }
  }
}
