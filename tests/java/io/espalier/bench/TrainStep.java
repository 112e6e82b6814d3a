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
  private static final int BATCHES = 8;
  private static final int STRETCHES = 5;

  private TrainStep() {}

  /** A network and how many steps to time. */
  private record Task(String name, int batch, int steps, long... shape) {
    static final List<Task> ALL =
        List.of(
            new Task("mlp", 128, 300, 784),
            new Task("lenet5", 128, 60, 1, 28, 28),
            new Task("cifar", 128, 10, 3, 32, 32),
            new Task("resnet8", 128, 20, 3, 32, 32),
            new Task("bilstm", 32, 20, 50, 64),
            new Task("transformer", 16, 10, 64, 256));

    Net net() {
      Net net = new Net(shape);
      switch (name) {
        case "mlp" -> net.dense(300).relu().dense(100).relu().dense(10);
        case "lenet5" -> net.lenet(20, 50, 5, 500);
        case "cifar" -> net.lenet(64, 128, 3, 256);
        case "bilstm" -> net.bilstm(128).dense(10);
        case "transformer" -> net.encoder(4, 4, 1024).dense(10);
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
      return net;
    }
  }

  public static void main(String[] args) throws IOException {
    int threads = Integer.parseInt(args[0]);
    List<String> wanted = Arrays.asList(args).subList(1, args.length);
    for (Task task : Task.ALL) {
      if (wanted.isEmpty() || wanted.contains(task.name())) {
        System.out.println(measure(task, threads));
      }
    }
  }

  private static String measure(Task task, int threads) throws IOException {
    int stretch = Math.max(1, task.steps() / STRETCHES);
    int warmUp = Math.max(3, task.steps() / 10);
    int epochs = (warmUp + STRETCHES * stretch + BATCHES - 1) / BATCHES;
    Path file = Files.createTempFile("train-step", ".npz");
    try {
      writeSamples(file, BATCHES * task.batch(), task.shape());
      Clock clock = new Clock();
      TrainingData data =
          new TrainingData(DataSource.parse(file.toString()), Optional.empty(), Preprocessing.NONE);
      TrainingMachine machine =
          new TrainingMachine(SessionOptions.DEFAULT.withThreads(threads), threads, 0);
      Net net = task.net();
      TrainingSettings settings = TrainingSettings.builder(epochs).batch(task.batch()).build();
      Trainer.train(net.model(), data, settings, Optional.empty(), machine, clock);
      return String.format(
          Locale.ROOT,
          "{\"net\": \"%s\", \"batch\": %d, \"parameters\": %d, \"firstLoss\": %.4f,"
              + " \"lastLoss\": %.4f, \"steps_per_s\": %.2f}",
          task.name(),
          task.batch(),
          net.parameters,
          clock.first,
          clock.last,
          clock.rate(warmUp, stretch));
    } finally {
      Files.delete(file);
    }
  }

  /** Notes when each step ended, and the loss: of the first step, and the mean so far. */
  private static final class Clock implements TrainingListener {
    private final List<Long> ends = new ArrayList<>();
    private double first = Double.NaN;
    private double last;

    @Override
    public void step(Step step) {
      ends.add(System.nanoTime());
      first = Double.isNaN(first) ? step.loss() : first;
      last = step.loss();
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

  /** Noise, in which every tenth feature along the last axis tells the class. */
  private static void writeSamples(Path file, int samples, long... shape) throws IOException {
    Random random = new Random(0);
    long last = shape[shape.length - 1];
    int width = Math.toIntExact(Shape.of(shape).elements());
    ByteBuffer x = ByteBuffer.allocate(4 * samples * width).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer y = ByteBuffer.allocate(8 * samples).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples; i++) {
      int label = random.nextInt(10);
      for (int j = 0; j < width; j++) {
        x.putFloat((float) random.nextGaussian() + (j % last % 10 == label ? 1 : 0));
      }
      y.putLong(label);
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
    private long parameters;

    Net(long... shape) {
      List<Dim> dims = new ArrayList<>(List.of(new Dim.Symbol("N")));
      Arrays.stream(shape).forEach(dim -> dims.add(new Dim.Known(dim)));
      last = graph.addInput("x");
      last.setType(new TensorType(DataType.FLOAT, Optional.of(dims)));
      channels = shape[0];
      size = shape[shape.length - 1];
    }

    private Value weight(double deviation, double mean, long... shape) {
      parameters += Shape.of(shape).elements();
      return tensor(deviation, mean, shape);
    }

    private Value tensor(double deviation, double mean, long... shape) {
      float[] elements = new float[Math.toIntExact(Shape.of(shape).elements())];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (float) (mean + deviation * random.nextGaussian());
      }
      Value value = graph.newValue("weight");
      value.setInitializer(ArrayTensor.of(Shape.of(shape), elements));
      return value;
    }

    Net dense(long units) {
      last = gemm(last, channels, units);
      channels = units;
      return this;
    }

    private Value gemm(Value x, long inputs, long outputs) {
      Value weight = weight(Math.sqrt(2.0 / inputs), 0, outputs, inputs);
      return ops.call("Gemm", Map.of("transB", Attribute.of(1)), x, weight, weight(0, 0, outputs));
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
              tensor(0, 0, channels),
              tensor(0, 1, channels));
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

    /** The mean over the steps of both directions, as PyTorch exports it. */
    Net bilstm(long units) {
      double deviation = 0.6 / Math.sqrt(units);
      Map<String, Attribute> attributes =
          Map.of("hidden_size", Attribute.of(units), "direction", Attribute.of("bidirectional"));
      Value states =
          ops.call(
              "LSTM",
              attributes,
              ops.transpose(last, 1, 0, 2),
              weight(deviation, 0, 2, 4 * units, size),
              weight(deviation, 0, 2, 4 * units, units),
              weight(deviation, 0, 2, 8 * units));
      Value steps = ops.reshape(ops.transpose(states, 0, 2, 1, 3), 0, 0, -1);
      channels = 2 * units;
      return mean(ops.transpose(steps, 1, 0, 2));
    }

    /** {@code nn.TransformerEncoder} as PyTorch exports it, and the mean over the positions. */
    Net encoder(int layers, long heads, long wide) {
      long positions = channels;
      channels = size;
      for (int i = 0; i < layers; i++) {
        last = layerNorm(ops.add(last, attention(positions, heads)));
        Value up = ops.call("Relu", linear(last, channels, wide));
        last = layerNorm(ops.add(last, linear(up, wide, channels)));
      }
      return mean(last);
    }

    private Net mean(Value sequence) {
      last = ops.reduceMean(sequence, new long[] {1}, false);
      return this;
    }

    private Value attention(long positions, long heads) {
      long width = channels / heads;
      Value packed = linear(ops.transpose(last, 1, 0, 2), channels, 3 * channels);
      Value parts = ops.unsqueeze(ops.reshape(packed, 0, 0, 3, channels), 0);
      parts = ops.squeeze(ops.transpose(parts, 3, 1, 2, 0, 4), 3);
      Value[] qkv = new Value[3];
      for (int i = 0; i < qkv.length; i++) {
        Value part = ops.gather(parts, ops.scalar(DataType.INT64, i), 0);
        Value split = ops.transpose(ops.reshape(part, positions, -1, width), 1, 0, 2);
        qkv[i] = ops.reshape(split, -1, heads, positions, width);
      }
      Value scale = ops.scalar(DataType.FLOAT, Math.pow(width, -0.25));
      Value key = ops.mul(ops.transpose(qkv[1], 0, 1, 3, 2), scale);
      Value scores = ops.matMul(ops.mul(qkv[0], scale), key);
      Value shares = ops.call("Softmax", Map.of("axis", Attribute.of(-1)), scores);
      Value joined = ops.transpose(ops.matMul(shares, qkv[2]), 2, 0, 1, 3);
      Value out = gemm(ops.reshape(joined, -1, channels), channels, channels);
      return ops.transpose(ops.reshape(out, positions, -1, channels), 1, 0, 2);
    }

    private Value linear(Value x, long inputs, long outputs) {
      Value product = ops.matMul(x, weight(Math.sqrt(1.0 / inputs), 0, inputs, outputs));
      return ops.add(weight(0, 0, outputs), product);
    }

    private Value layerNorm(Value x) {
      return ops.call(
          "LayerNormalization",
          Map.of("axis", Attribute.of(-1)),
          x,
          weight(0, 1, channels),
          weight(0, 0, channels));
    }

    Model model() {
      graph.rename(last, "y");
      graph.addOutput(last);
      return new Model(10, Map.of("", Ops.OPSET), graph, List.of());
    }
  }
}
