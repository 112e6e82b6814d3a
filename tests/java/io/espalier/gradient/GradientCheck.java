package io.espalier.gradient;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.onnx.OnnxWriter;
import io.espalier.runtime.Datum;
import io.espalier.runtime.InferredTypes;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;

/** Compares the gradient of one operator with central differences along random directions. */
final class GradientCheck {
  private static final double[] STEPS = {1e-2, 3e-3, 1e-3};
  private static final int DIRECTIONS = 5;
  private static final Pattern LACKS_KERNEL =
      Pattern.compile("Could not find an implementation|Failed to find kernel|Type Error");

  /** What the model says about the sizes of its inputs. */
  enum Sizes {
    KNOWN,
    BATCH_UNKNOWN,
    UNKNOWN
  }

  private final GradientCase of;
  private final DataType dataType;
  private final Sizes sizes;
  private final Random random;
  private final Map<Value, double[]> points = new LinkedHashMap<>();
  private final Map<String, Datum> feeds = new LinkedHashMap<>();
  private final Graph graph = new Graph("case", null);
  private Session session;
  private double sign = 1;

  GradientCheck(GradientCase of, DataType dataType, Sizes sizes) {
    this.of = of;
    this.dataType = dataType;
    this.sizes = sizes;
    this.random = new Random(of.toString().hashCode());
  }

  /** The check of a rule that has the wrong sign. */
  void runNegated() throws IOException {
    sign = -1;
    run();
  }

  /** Runs the check; false if onnxruntime lacks a kernel for this element type. */
  boolean run() throws IOException {
    Model model = new Model(10, Map.of("", Ops.OPSET, "com.microsoft", 1L), graph, List.of());
    Value loss = forward();
    Gradients gradients;
    try {
      gradients = Backward.of(graph, loss, List.copyOf(points.keySet()), InferredTypes.of(model));
      graph.addOutput(loss);
      gradients.of().values().forEach(graph::addOutput);
      session = open(model);
    } catch (ModelException e) {
      if (dataType != DataType.FLOAT && LACKS_KERNEL.matcher(e.getMessage()).find()) {
        return false;
      }
      throw e;
    }
    try (Session running = session) {
      assertEquals(List.of(), gradients.refusals());
      Map<String, Datum> results = running.run(feeds);
      for (Map.Entry<Value, double[]> point : points.entrySet()) {
        Value gradient = gradients.of().get(point.getKey());
        check(point.getKey(), numbers(results.get(gradient.name())));
      }
    }
    return true;
  }

  static Session open(Model model) throws IOException {
    OnnxWriter writer = new OnnxWriter(model, "none");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.write(Channels.newChannel(bytes));
    return Session.open(
        "case", ByteBuffer.wrap(bytes.toByteArray()), SessionOptions.DEFAULT.withThreads(1));
  }

  /** The operator, and the sum of its output elements, each times a factor of its own. */
  private Value forward() {
    Ops ops = new Ops(graph);
    List<Value> inputs = new ArrayList<>();
    for (GradientCase.Input input : of.inputs) {
      inputs.add(input == null ? null : input(ops, input, inputs.size()));
    }
    List<Value> outputs =
        ops.call(of.id(), of.attributes, of.outputs, inputs.toArray(Value[]::new));
    List<Value> sums = new ArrayList<>();
    for (Value y : outputs.subList(0, of.used)) {
      Value count =
          ops.range(ops.scalar(DataType.INT64, 0), ops.size(y), ops.scalar(DataType.INT64, 1));
      Value angle =
          ops.add(
              ops.mul(ops.cast(count, dataType), ops.scalar(dataType, 1.7)),
              ops.scalar(dataType, 0.3 + sums.size()));
      Value factors = ops.reshape(ops.call("Sin", angle), ops.shape(y));
      Value product = ops.mul(y, factors);
      sums.add(ops.call("ReduceSum", Map.of("keepdims", Attribute.of(0)), product));
    }
    return ops.sum(sums);
  }

  private Value input(Ops ops, GradientCase.Input input, int index) {
    Shape shape = Shape.of(input.shape());
    if (input.kind() == GradientCase.Kind.INTS) {
      return ops.constant(ArrayTensor.of(shape, (long[]) input.given()));
    }
    if (input.kind() == GradientCase.Kind.INTS32) {
      return ops.constant(Elements.tensor(DataType.INT32, shape, i -> ((int[]) input.given())[i]));
    }
    if (input.kind() == GradientCase.Kind.FLOATS) {
      return ops.constant(ArrayTensor.of(shape, (float[]) input.given()));
    }
    Value value = graph.addInput("x" + index);
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean unknown =
          (sizes == Sizes.UNKNOWN && !input.sized())
              || (sizes == Sizes.BATCH_UNKNOWN && axis == 0 && index == 0);
      dims.add(unknown ? new Dim.Symbol("d" + index + axis) : new Dim.Known(shape.dim(axis)));
    }
    boolean bool = input.kind() == GradientCase.Kind.BOOLS;
    value.setType(new TensorType(bool ? DataType.BOOL : dataType, Optional.of(dims)));
    double[] point = draw(input.kind(), Math.toIntExact(shape.elements()));
    feeds.put(value.name(), Datum.of(tensor(bool ? DataType.BOOL : dataType, shape, point)));
    if (input.wanted()) {
      points.put(value, point);
    }
    return value;
  }

  private double[] draw(GradientCase.Kind kind, int count) {
    double[] point = new double[count];
    for (int i = 0; i < count; i++) {
      double u = (i + 0.5) / count;
      point[i] =
          switch (kind) {
            case SPREAD -> (i % 2 == 0 ? 1 : -1) * (0.3 + 1.6 * u);
            case UNIT -> (i % 2 == 0 ? 1 : -1) * (0.1 + 0.8 * u);
            case POSITIVE -> 0.5 + 1.5 * u;
            case LARGE -> 1.2 + u;
            default -> i * 7 % 3 == 0 ? 1 : 0;
          };
    }
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      double swapped = point[i];
      point[i] = point[other];
      point[other] = swapped;
    }
    return point;
  }

  private static Tensor tensor(DataType dataType, Shape shape, double[] numbers) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) dataType.byteSize(numbers.length)).order(ByteOrder.LITTLE_ENDIAN);
    for (double number : numbers) {
      switch (dataType) {
        case FLOAT -> bytes.putFloat((float) number);
        case DOUBLE -> bytes.putDouble(number);
        default -> bytes.put((byte) number);
      }
    }
    return new ArrayTensor(dataType, shape, bytes.flip());
  }

  static double[] numbers(Datum datum) {
    Tensor tensor = ((Datum.Numbers) datum).tensor();
    ByteBuffer bytes = tensor.bytes();
    double[] numbers = new double[(int) tensor.shape().elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          tensor.dataType() == DataType.DOUBLE ? bytes.getDouble(8 * i) : bytes.getFloat(4 * i);
    }
    return numbers;
  }

  private void check(Value input, double[] gradient) {
    double[] point = points.get(input);
    assertEquals(point.length, gradient.length, input + ": elements of the gradient");
    double norm = 0;
    for (double element : gradient) {
      norm += element * element;
    }
    assertTrue(norm > 0, input + ": its gradient is zero");
    double tolerance = dataType == DataType.DOUBLE ? 1e-5 : 1e-2;
    for (int i = 0; i < DIRECTIONS; i++) {
      double[] direction = random.doubles(point.length, -1, 1).toArray();
      double expected = 0;
      for (int j = 0; j < point.length; j++) {
        expected += sign * gradient[j] * direction[j];
      }
      double scale = Math.max(Math.abs(expected), 0.5 * Math.sqrt(norm));
      double best = Double.POSITIVE_INFINITY;
      double nearest = Double.NaN;
      for (double step : STEPS) {
        double difference = difference(input, point, direction, step);
        double error = Math.abs(difference - expected) / scale;
        if (error < best) {
          best = error;
          nearest = difference;
        }
      }
      assertTrue(
          best < tolerance,
          "%s, direction %d: gradient says %s, differences say %s"
              .formatted(input, i, expected, nearest));
    }
  }

  private double difference(Value input, double[] point, double[] direction, double step) {
    double forward = loss(input, point, direction, step) - loss(input, point, direction, -step);
    if (dataType != DataType.DOUBLE) {
      return forward / (2 * step);
    }
    // Richardson: the error of order step^2 cancels
    double half =
        loss(input, point, direction, step / 2) - loss(input, point, direction, -step / 2);
    return (8 * half - forward) / (6 * step);
  }

  private double loss(Value input, double[] point, double[] direction, double step) {
    double[] moved = new double[point.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = point[i] + step * direction[i];
    }
    Map<String, Datum> shifted = new LinkedHashMap<>(feeds);
    Shape shape = ((Datum.Numbers) feeds.get(input.name())).tensor().shape();
    shifted.put(input.name(), Datum.of(tensor(dataType, shape, moved)));
    return numbers(session.run(shifted).values().iterator().next())[0];
  }
}
