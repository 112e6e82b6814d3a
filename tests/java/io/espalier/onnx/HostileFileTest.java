package io.espalier.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.MalformedModelException;
import io.espalier.graph.ModelException;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.StringStringEntryProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileFileTest {
  private static final Path NAME = Path.of("bad.onnx");

  @TempDir Path folder;

  @Test
  void onlyModelExceptionsEscapeTruncatedFiles() {
    byte[] whole = Models.perceptron().build().toByteArray();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(ModelException.class, () -> OnnxFile.open(ByteBuffer.wrap(cut), NAME).close());
    }
  }

  @Test
  void flippedBitsAreReadOrRefused() throws IOException {
    byte[] whole = Models.perceptron().build().toByteArray();
    Random random = new Random(1);
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
      byte[] flipped = whole.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try (OnnxFile file = OnnxFile.open(ByteBuffer.wrap(flipped), NAME)) {
        assertArrayEquals(ModelProto.parseFrom(flipped).toByteArray(), RoundTripTest.write(file));
      } catch (ModelException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "only " + refused + " of 4000 were refused");
  }

  @Test
  void refusesWhatIsNoModel() {
    refuses("none, or damaged", "these are words, not a model".getBytes());
    assertThrows(
        MalformedModelException.class, () -> OnnxFile.open(ByteBuffer.wrap(new byte[0]), NAME));
  }

  @Test
  void refusesNegativeAndHugeDimensions() {
    refusesInitializer("dimensions >= 0", tensor -> tensor.setDims(0, -8));
    refusesInitializer("2^63", tensor -> tensor.setDims(0, Long.MAX_VALUE));
    refusesInitializer("needs 549755813888 bytes", tensor -> tensor.setDims(0, 1L << 33));
  }

  @Test
  void refusesDataThatDoNotFillTheShape() {
    refusesInitializer("needs 640 bytes, the file has 512", tensor -> tensor.setDims(0, 10));
    refusesInitializer("needs 128 values, the file has 0", TensorProto.Builder::clearRawData);
  }

  @Test
  void refusesNamesThatNothingProduces() {
    refusesGraph("hidden (MatMul) takes 'gone'", g -> g.getNodeBuilder(0).setInput(1, "gone"));
    refusesGraph("an output is 'gone'", g -> g.getOutputBuilder(0).setName("gone"));
  }

  @Test
  void refusesCyclesAndDuplicateNames() {
    refusesGraph("depends on its own output", g -> g.getNodeBuilder(0).setInput(0, "y"));
    refusesGraph("two values have the name 'h'", g -> g.getNodeBuilder(1).setOutput(0, "h"));
    refusesGraph("two values have the name 'w1'", g -> g.addInitializer(g.getInitializer(0)));
  }

  @Test
  void readsNodesInAnyOrder() {
    ModelProto.Builder model = Models.perceptron();
    GraphProto.Builder graph = model.getGraphBuilder();
    var first = graph.getNode(0);
    graph.removeNode(0).addNode(first);
    try (OnnxFile file = RoundTripTest.open(model.build())) {
      assertEquals("bias", file.model().graph().nodes().get(0).name());
    }
  }

  @Test
  void externalDataStayInTheFolder() throws IOException {
    Path models = Files.createDirectory(folder.resolve("models"));
    Files.write(folder.resolve("secret"), new byte[512]);
    Files.createSymbolicLink(models.resolve("link"), folder.resolve("secret"));
    Files.write(models.resolve("short"), new byte[100]);
    Files.write(models.resolve("good"), new byte[612]);
    refusesExternal(models, "lie outside", "../secret", "0");
    refusesExternal(models, "lie outside", folder.resolve("secret").toString(), "0");
    refusesExternal(models, "lie outside", "link", "0");
    refusesExternal(models, "not found", "absent", "0");
    refusesExternal(models, "not found", ".", "0");
    refusesExternal(models, "end at byte 100", "short", "0");
    refusesExternal(models, "end at byte 612", "good", "101");
    refusesExternal(models, "expected a number >= 0", "good", "-1");
    refusesExternal(models, "end at byte 612", "good", "9223372036854775807");
    try (OnnxFile file = openExternal(models, "good", "100")) {
      assertEquals(512, file.model().graph().find("w1").get().initializer().get().byteSize());
    }
  }

  private static OnnxFile openExternal(Path models, String location, String offset) {
    ModelProto.Builder model = Models.perceptron();
    model
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", offset));
    return OnnxFile.open(
        ByteBuffer.wrap(model.build().toByteArray()), models.resolve("model.onnx"));
  }

  private static void refusesExternal(Path models, String message, String at, String offset) {
    ModelException e =
        assertThrows(ModelException.class, () -> openExternal(models, at, offset).close());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static void refusesInitializer(String message, Consumer<TensorProto.Builder> damage) {
    refusesGraph(message, graph -> damage.accept(graph.getInitializerBuilder(0)));
  }

  private static void refusesGraph(String message, Consumer<GraphProto.Builder> damage) {
    ModelProto.Builder model = Models.perceptron();
    damage.accept(model.getGraphBuilder());
    refuses(message, model.build().toByteArray());
  }

  private static void refuses(String message, byte[] bytes) {
    ModelException e =
        assertThrows(
            MalformedModelException.class,
            () -> OnnxFile.open(ByteBuffer.wrap(bytes), NAME).close());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(List.of("bad.onnx"), List.of(e.getMessage().split(":")[0]));
  }
}
