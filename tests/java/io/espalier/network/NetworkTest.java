package io.espalier.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.network.Network.Builder;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.OnnxWriter;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Session;
import io.espalier.runtime.SessionOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {
  private static Builder perceptron() {
    return Network.of(784).dense(300).relu().dense(100).relu().dense(10);
  }

  private static Builder lenet5() {
    return Network.of(1, 28, 28)
        .conv(20, 5)
        .relu()
        .maxPool(2)
        .conv(50, 5)
        .relu()
        .maxPool(2)
        .flatten()
        .dense(500)
        .relu()
        .dense(10);
  }

  private static Builder block(Builder body, long filters, long stride) {
    Window first = new Window(List.of(3L), List.of(stride), List.of(1L), List.of(1L));
    return body.add(new Conv(filters, first)).batchNorm().relu().convSame(filters, 3).batchNorm();
  }

  private static Builder resnet8() {
    return Network.of(3, 32, 32)
        .convSame(16, 3)
        .batchNorm()
        .relu()
        .residual(body -> block(body, 16, 1))
        .relu()
        .residual(body -> block(body, 32, 2))
        .relu()
        .residual(body -> block(body, 64, 2))
        .relu()
        .globalAveragePool()
        .dense(10);
  }

  /** Counts of parameters are PyTorch's for the same networks, running statistics added. */
  static List<Arguments> networks() {
    return List.of(
        Arguments.of("784-128-10", Network.of(784).dense(128).relu().dense(10), 101_770, "10"),
        Arguments.of("LeNet-300-100", perceptron(), 266_610, "10"),
        Arguments.of("LeNet-5", lenet5(), 431_080, "10"),
        Arguments.of("ResNet-8", resnet8(), 78_186 + 480, "10"),
        Arguments.of("1-D", Network.of(4, 33).conv(6, 3).relu().maxPool(2), 78, "6x15"),
        Arguments.of("3-D", Network.of(2, 5, 6, 7).convSame(3, 3).averagePool(2), 165, "3x2x3x3"),
        Arguments.of(
            "every other layer",
            Network.of(4, 9, 9)
                .add(
                    new Conv(
                        8,
                        new Window(List.of(3L, 2L), List.of(2L), List.of(2L, 1L), List.of()),
                        4,
                        false,
                        Optional.of(new Initializer.Zeros())))
                .activation("leaky-relu")
                .add(new Pool(Pool.Form.MAX, Optional.of(Window.same(3))))
                .dropout(0.5)
                .add(new Pool(Pool.Form.MAX, Optional.empty()))
                .flatten()
                .residual(body -> body.dense(8).activation("tanh").named("bound").dense(3))
                .activation("softmax"),
            48 + 72 + 27 + 27,
            "3"));
  }

  private static ByteBuffer written(Network network, long seed) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new OnnxWriter(network.model(seed), "data").write(Channels.newChannel(bytes));
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  private static Tensor run(Network network, int batch) throws IOException {
    long[] dims = new long[network.input().rank() + 1];
    dims[0] = batch;
    System.arraycopy(network.input().dims(), 0, dims, 1, dims.length - 1);
    float[] ones = new float[(int) (batch * network.input().elements())];
    Arrays.fill(ones, 1);
    try (Session session = Session.open("net", written(network, 3), SessionOptions.DEFAULT)) {
      Datum input = Datum.of(ArrayTensor.of(Shape.of(dims), ones));
      return ((Datum.Numbers) session.run(Map.of("input", input)).get("output")).tensor();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void runsOnAnyBatchWithTheShapeItDeclares(
      String name, Builder builder, long parameters, String output) throws IOException {
    Network network = builder.build();
    assertEquals(output, network.output().toString());
    for (int batch : new int[] {1, 3}) {
      assertEquals(batch + "x" + output, run(network, batch).shape().toString());
    }
    assertEquals(parameters, network.parameters());
    try (OnnxFile file = OnnxFile.open(written(network, 3), Path.of("net.onnx"))) {
      long elements = 0;
      for (Value weight : file.model().graph().initializers()) {
        Tensor tensor = weight.initializer().orElseThrow();
        elements += tensor.shape().rank() == 0 ? 0 : tensor.shape().elements();
      }
      assertEquals(parameters, elements);
    }
  }

  @Test
  void namesSayWhatBelongsTogether() {
    Model model = resnet8().build().model(1);
    assertEquals(
        List.of("conv1.weight", "conv1.bias", "batch-norm1.scale"),
        model.graph().initializers().stream().map(Value::name).limit(3).toList());
    List<String> nodes = model.graph().nodes().stream().map(Node::name).toList();
    assertEquals(
        List.of("conv1.Conv", "batch-norm1.BatchNormalization", "relu1.Relu"), nodes.subList(0, 3));
    assertEquals("residual2.skip.Conv", nodes.get(nodes.indexOf("residual2.Add") - 1));
  }

  @Test
  void weightsFollowFromSeedAndName() throws IOException {
    Network network = perceptron().build();
    assertEquals(written(network, 1), written(network, 1));
    assertNotEquals(written(network, 1), written(network, 2));
    Tensor first = network.model(1).graph().find("dense1.weight").orElseThrow().initializer().get();
    Tensor alone =
        Network.of(784)
            .dense(300)
            .build()
            .model(1)
            .graph()
            .find("dense1.weight")
            .orElseThrow()
            .initializer()
            .get();
    assertEquals(alone.bytes(), first.bytes());
    double square = 0;
    for (int i = 0; i < 784 * 300; i++) {
      square += Math.pow(first.bytes().getFloat(4 * i), 2) / (784 * 300);
    }
    assertEquals(2.0 / 784, square, 0.02 * 2 / 784);
  }

  /** Rows of ones are alike: each attends to all of them evenly. */
  @Test
  void attentionMixesTheStepsBySoftmaxOfTheirProducts() throws IOException {
    Tensor alike = run(Network.of(3, 2).attention().build(), 2);
    assertArrayEquals(new long[] {2, 3, 2}, alike.shape().dims());
    for (int i = 0; i < 12; i++) {
      assertEquals(1, Elements.of(alike).orElseThrow().applyAsDouble(i), 1e-6);
    }
    Network network = Network.of(2, 2).attention().build();
    float[] x = {1, 0, 0, 2};
    try (Session session = Session.open("net", written(network, 3), SessionOptions.DEFAULT)) {
      Datum input = Datum.of(ArrayTensor.of(Shape.of(1, 2, 2), x));
      Tensor y = ((Datum.Numbers) session.run(Map.of("input", input)).get("output")).tensor();
      double first = Math.E / (Math.E + 1);
      double second = Math.exp(4) / (Math.exp(4) + 1);
      double[] expected = {first, 2 * (1 - first), 1 - second, 2 * second};
      for (int i = 0; i < 4; i++) {
        assertEquals(expected[i], Elements.of(y).orElseThrow().applyAsDouble(i), 1e-6);
      }
    }
  }

  @Test
  void residualAddsWhatWentIn() throws IOException {
    Network network =
        Network.of(5)
            .residual(body -> body.add(new Dense(5, true, Optional.of(new Initializer.Zeros()))))
            .build();
    float[] result = new float[5];
    run(network, 1).bytes().asFloatBuffer().get(result);
    assertArrayEquals(new float[] {1, 1, 1, 1, 1}, result);
  }

  static List<Arguments> mistakes() {
    return List.of(
        Arguments.of(
            Network.of(784).relu().conv(20, 5),
            "layer 2: conv: expected an image, [channels, sizes...] of 1 to 3 sizes, got [784]"),
        Arguments.of(
            Network.of(1, 28, 28).conv(20, 5).maxPool(25).named("pool"),
            "layer 2 (pool): max-pool: expected an image of at least 25 in dimension 1, got"
                + " 20x24x24"),
        Arguments.of(
            Network.of(1, 8, 8).residual(body -> body.dense(7)),
            "layer 1: residual: expected layers from [1x8x8] to that shape, or to one that strides"
                + " lead to, got [7]"),
        Arguments.of(
            Network.of(1, 8, 8).residual(body -> body.relu().conv(2, 9)),
            "layer 1: layer 2: conv: expected an image of at least 9 in dimension 1, got 1x8x8"),
        Arguments.of(
            Network.of(1 << 20).dense(1 << 20),
            "layers: expected at most 500,000,000 parameters, got 1,099,512,676,352"),
        Arguments.of(Network.of(784), "layers: expected at least one"),
        Arguments.of(
            Network.of(0).dense(1),
            "input: expected [features] or [channels, sizes...], all at least 1, got [0]"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesNameTheLayer(Builder builder, String message) {
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }
}
