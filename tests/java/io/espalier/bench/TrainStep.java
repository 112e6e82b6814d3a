package io.espalier.bench;

import io.espalier.data.DataSource;
import io.espalier.data.Preprocessing;
import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.runtime.SessionOptions;
import io.espalier.train.Step;
import io.espalier.train.Trainer;
import io.espalier.train.TrainingData;
import io.espalier.train.TrainingListener;
import io.espalier.train.TrainingMachine;
import io.espalier.train.TrainingSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Training steps per second on reference networks, one JSON line for each: {@code
 * tools/bench/train-step} runs it.
 *
 * <p>A step is all of it, from the samples in a data set to the weights that Adam has moved. Of
 * five stretches the median counts, after a warm-up.
 */
public final class TrainStep {
  private static final int BATCH = 128;
  private static final int BATCHES = 8;
  private static final int STRETCHES = 5;

  private TrainStep() {}

  /** A network and how many steps to time. */
  private record Task(String name, int steps, long... shape) {
    static final List<Task> ALL =
        List.of(
            new Task("mlp", 300, 784),
            new Task("lenet5", 60, 1, 28, 28),
            new Task("cifar", 10, 3, 32, 32),
            new Task("resnet8", 20, 3, 32, 32));

    Model model() {
      Net net = new Net(shape);
      switch (name) {
        case "mlp" -> net.dense(300).relu().dense(100).relu().dense(10);
        case "lenet5" -> net.lenet(20, 50, 5, 500);
        case "cifar" -> net.lenet(64, 128, 3, 256);
        default ->
            net.conv(16, 3, 1, 1)
                .norm()
                .relu()
                .block(16, 1)
                .block(32, 2)
                .block(64, 2)
                .average()
                .dense(10);
      }
      return net.model();
    }
  }

  public static void main(String[] args) throws IOException {
    int threads = Integer.parseInt(args[0]);
    List<String> wanted = Arrays.asList(args).subList(1, args.length);
    for (Task task : Task.ALL) {
      if (wanted.isEmpty() || wanted.contains(task.name())) {
        double rate = measure(task, threads);
        System.out.printf(
            Locale.ROOT,
            "{\"net\": \"%s\", \"batch\": %d, \"steps_per_s\": %.2f}%n",
            task.name(),
            BATCH,
            rate);
      }
    }
  }

  private static double measure(Task task, int threads) throws IOException {
    int stretch = Math.max(1, task.steps() / STRETCHES);
    int warmUp = Math.max(3, task.steps() / 10);
    int epochs = (warmUp + STRETCHES * stretch + BATCHES - 1) / BATCHES;
    Path file = Files.createTempFile("train-step", ".npz");
    try {
      writeSamples(file, task.shape());
      Clock clock = new Clock();
      TrainingData data =
          new TrainingData(DataSource.parse(file.toString()), Optional.empty(), Preprocessing.NONE);
      TrainingMachine machine =
          new TrainingMachine(SessionOptions.DEFAULT.withThreads(threads), threads, 0);
      Trainer.train(
          task.model(), data, TrainingSettings.of(epochs), Optional.empty(), machine, clock);
      return clock.rate(warmUp, stretch);
    } finally {
      Files.delete(file);
    }
  }

  /** Notes when each step ended. */
  private static final class Clock implements TrainingListener {
    private final List<Long> ends = new ArrayList<>();

    @Override
    public void step(Step step) {
      ends.add(System.nanoTime());
    }

    double rate(int warmUp, int stretch) {
      List<Double> rates = new ArrayList<>();
      for (int i = 0; i < STRETCHES; i++) {
        int from = warmUp - 1 + i * stretch;
        rates.add(stretch * 1e9 / (ends.get(from + stretch) - ends.get(from)));
      }
      Collections.sort(rates);
      return rates.get(STRETCHES / 2);
    }
  }

  private static void writeSamples(Path file, long... shape) throws IOException {
    Random random = new Random(0);
    int samples = BATCH * BATCHES;
    int width = Math.toIntExact(Shape.of(shape).elements());
    ByteBuffer x = ByteBuffer.allocate(4 * samples * width).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer y = ByteBuffer.allocate(8 * samples).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples; i++) {
      for (int j = 0; j < width; j++) {
        x.putFloat((float) random.nextGaussian());
      }
      y.putLong(random.nextInt(10));
    }
    String dims = Arrays.toString(shape).replaceAll("[\\[\\]]", "");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      write(zip, "x", "<f4", samples + ", " + dims, x.array());
      write(zip, "y", "<i8", samples + ",", y.array());
    }
  }

  private static void write(
      ZipOutputStream zip, String name, String type, String shape, byte[] data) throws IOException {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
    byte[] text =
        (header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0});
    zip.write(text);
    zip.write(data);
    zip.closeEntry();
  }

  /** A network under construction: every method puts a layer behind what is there. */
  private static final class Net {
    private final Graph graph = new Graph("net", null);
    private final Ops ops = new Ops(graph);
    private final Random random = new Random(0);
    private Value last;
    private long channels;
    private long size;

    Net(long... shape) {
      List<Dim> dims = new ArrayList<>(List.of(new Dim.Symbol("N")));
      Arrays.stream(shape).forEach(dim -> dims.add(new Dim.Known(dim)));
      last = graph.addInput("x");
      last.setType(new TensorType(DataType.FLOAT, Optional.of(dims)));
      channels = shape[0];
      size = shape[shape.length - 1];
    }

    private Value weight(double deviation, double mean, long... shape) {
      float[] elements = new float[Math.toIntExact(Shape.of(shape).elements())];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (float) (mean + deviation * random.nextGaussian());
      }
      Value value = graph.newValue("weight");
      value.setInitializer(ArrayTensor.of(Shape.of(shape), elements));
      return value;
    }

    Net dense(long units) {
      Value weight = weight(Math.sqrt(2.0 / channels), 0, units, channels);
      last = ops.call("Gemm", Map.of("transB", Attribute.of(1)), last, weight, weight(0, 0, units));
      channels = units;
      return this;
    }

    Net conv(long filters, long kernel, long stride, long pad) {
      last = conv(last, filters, kernel, stride, pad);
      channels = filters;
      size = (size + 2 * pad - kernel) / stride + 1;
      return this;
    }

    private Value conv(Value x, long filters, long kernel, long stride, long pad) {
      Map<String, Attribute> attributes =
          Map.of(
              "kernel_shape", Attribute.of(kernel, kernel),
              "strides", Attribute.of(stride, stride),
              "pads", Attribute.of(pad, pad, pad, pad));
      double deviation = Math.sqrt(2.0 / (channels * kernel * kernel));
      Value weight = weight(deviation, 0, filters, channels, kernel, kernel);
      return ops.call("Conv", attributes, x, weight, weight(0, 0, filters));
    }

    Net norm() {
      last =
          ops.call(
              "BatchNormalization",
              last,
              weight(0, 1, channels),
              weight(0, 0, channels),
              weight(0, 0, channels),
              weight(0, 1, channels));
      return this;
    }

    Net relu() {
      last = ops.call("Relu", last);
      return this;
    }

    Net pool() {
      Map<String, Attribute> attributes =
          Map.of("kernel_shape", Attribute.of(2, 2), "strides", Attribute.of(2, 2));
      last = ops.call("MaxPool", attributes, last);
      size /= 2;
      return this;
    }

    Net average() {
      last = ops.call("GlobalAveragePool", last);
      last = ops.call("Flatten", last);
      return this;
    }

    Net flatten() {
      last = ops.call("Flatten", last);
      channels *= size * size;
      return this;
    }

    Net lenet(long first, long second, long kernel, long units) {
      conv(first, kernel, 1, 0).relu().pool().conv(second, kernel, 1, 0).relu().pool().flatten();
      return dense(units).relu().dense(10);
    }

    Net block(long filters, long stride) {
      boolean same = filters == channels && stride == 1;
      Value skip = same ? last : conv(last, filters, 1, stride, 0);
      conv(filters, 3, stride, 1).norm().relu().conv(filters, 3, 1, 1).norm();
      last = ops.add(last, skip);
      return relu();
    }

    Model model() {
      graph.rename(last, "y");
      graph.addOutput(last);
      return new Model(10, Map.of("", Ops.OPSET), graph, List.of());
    }
  }
}
