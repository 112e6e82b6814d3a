package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.onnx.Models;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {
  @Test
  void describesItsInputsAndOutputs() {
    try (Session session = perceptron()) {
      assertEquals("[x: float[N,8]]", session.inputs().toString());
      assertEquals("[y: float[N,4]]", session.outputs().toString());
    }
  }

  @Test
  void computes() {
    TestGraph graph =
        new TestGraph()
            .input("a", DataType.FLOAT, 2)
            .input("b", DataType.FLOAT, 2)
            .node("Add", "a b", "sum")
            .output("sum", DataType.FLOAT, 2);
    try (Session session = graph.open()) {
      Map<String, Datum> outputs =
          session.run(
              Map.of(
                  "a", Datum.of(ArrayTensor.of(Shape.of(2), 1f, 2f)),
                  "b", Datum.of(ArrayTensor.of(Shape.of(2), 10f, 20f))));
      Tensor sum = ((Datum.Numbers) outputs.get("sum")).tensor();
      assertEquals(Shape.of(2), sum.shape());
      assertEquals(11, Elements.of(sum).orElseThrow().applyAsDouble(0));
      assertEquals(22, Elements.of(sum).orElseThrow().applyAsDouble(1));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE", "FLOAT16", "INT8", "UINT8", "INT16", "INT32", "INT64", "BOOL"})
  void feedsAndReadsEveryTypeBitByBit(DataType type) {
    TestGraph graph =
        new TestGraph().input("x", type, 2, 3).node("Identity", "x", "y").output("y", type, 2, 3);
    Tensor tensor =
        Elements.tensor(type, Shape.of(2, 3), i -> type == DataType.BOOL ? i % 2 : i + 0.5);
    try (Session session = graph.open()) {
      Tensor read = ((Datum.Numbers) session.run(Map.of("x", Datum.of(tensor))).get("y")).tensor();
      assertEquals(type, read.dataType());
      assertEquals(tensor.bytes(), read.bytes());
    }
  }

  @Test
  void feedsAndReadsStringsAndEmptyTensors() {
    TestGraph strings =
        new TestGraph()
            .input("x", DataType.STRING, 2, 1)
            .node("Identity", "x", "y")
            .output("y", DataType.STRING, 2, 1);
    Datum words = new Datum.Words(Shape.of(2, 1), List.of("one", "zwei"));
    try (Session session = strings.open()) {
      assertEquals(words, session.run(Map.of("x", words)).get("y"));
    }
    TestGraph floats =
        new TestGraph()
            .input("x", DataType.FLOAT, "N", 3)
            .node("Identity", "x", "y")
            .output("y", DataType.FLOAT, "N", 3);
    try (Session session = floats.open()) {
      Datum none = Datum.of(ArrayTensor.of(Shape.of(0, 3), new float[0]));
      Datum.Numbers read = (Datum.Numbers) session.run(Map.of("x", none)).get("y");
      assertEquals(Shape.of(0, 3), read.tensor().shape());
    }
  }

  @Test
  void readsSequences() {
    TestGraph graph =
        new TestGraph()
            .input("x", DataType.FLOAT, 2)
            .node("SequenceConstruct", "x x", "s")
            .node("SequenceLength", "s", "n")
            .output("n", DataType.INT64);
    try (Session session = graph.open()) {
      Datum x = Datum.of(ArrayTensor.of(Shape.of(2), 1f, 2f));
      Tensor n = ((Datum.Numbers) session.run(Map.of("x", x)).get("n")).tensor();
      assertEquals(2, Elements.of(n).orElseThrow().applyAsDouble(0));
    }
  }

  @Test
  void opensAFileAndSaysWhenThereIsNone(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("m.onnx");
    Files.write(file, Models.perceptron().build().toByteArray());
    try (Session session = Session.open(file, SessionOptions.DEFAULT.withThreads(1))) {
      assertEquals("m.onnx", session.name());
      assertEquals(1, session.inputs().size());
    }
    Path absent = folder.resolve("absent.onnx");
    assertThrows(NoSuchFileException.class, () -> Session.open(absent, SessionOptions.DEFAULT));
  }

  @Test
  void refusesWhatIsNoModelWithoutSayingWhereInOnnxruntime() {
    ByteBuffer rubbish = ByteBuffer.wrap("certainly not a model".getBytes());
    ModelException refused =
        assertThrows(
            ModelException.class, () -> Session.open("x.onnx", rubbish, SessionOptions.DEFAULT));
    assertTrue(refused.getMessage().startsWith("x.onnx: onnxruntime does not open it: "));
    assertFalse(refused.getMessage().contains("Error code"));
  }

  @Test
  void namesTheInputsThatAreMissing() {
    try (Session session = perceptron()) {
      ModelException missing = assertThrows(ModelException.class, () -> session.run(Map.of()));
      assertEquals("test: no value for the inputs [x]", missing.getMessage());
    }
  }

  @Test
  void saysWhatOnnxruntimeDidNotLike() {
    try (Session session = perceptron()) {
      Datum narrow = Datum.of(ArrayTensor.of(Shape.of(1, 7), new float[7]));
      ModelException failed =
          assertThrows(ModelException.class, () -> session.run(Map.of("x", narrow)));
      assertTrue(failed.getMessage().contains("Got: 7 Expected: 8"), failed.getMessage());
      assertFalse(failed.getMessage().contains("Error code"), failed.getMessage());
    }
  }

  @Test
  void refusesToFeedWhatTheJavaInterfaceCannot() {
    TestGraph graph =
        new TestGraph()
            .input("x", DataType.UINT32, 2)
            .node("Identity", "x", "y")
            .output("y", DataType.UINT32, 2);
    try (Session session = graph.open()) {
      Datum x = Datum.of(Elements.tensor(DataType.UINT32, Shape.of(2), i -> i));
      UnsupportedModelException refused =
          assertThrows(UnsupportedModelException.class, () -> session.run(Map.of("x", x)));
      assertTrue(refused.getMessage().contains("uint32"));
    }
  }

  @Test
  void stopsARunThatTakesTooLong() {
    TestGraph body =
        new TestGraph()
            .input("i", DataType.INT64)
            .input("go", DataType.BOOL)
            .input("v", DataType.FLOAT, 1)
            .node("Identity", "go", "on")
            .node("Sin", "v", "w")
            .output("on", DataType.BOOL)
            .output("w", DataType.FLOAT, 1);
    TestGraph graph =
        new TestGraph()
            .input("n", DataType.INT64, 1)
            .input("x", DataType.FLOAT, 1)
            .node("Loop", "n  x", "y", TestGraph.attribute("body", body))
            .output("y", DataType.FLOAT, 1);
    try (Session session = graph.open()) {
      Map<String, Datum> forever =
          Map.of(
              "n", Datum.of(ArrayTensor.of(Shape.of(1), Long.MAX_VALUE)),
              "x", Datum.of(ArrayTensor.of(Shape.of(1), 1f)));
      ModelException stopped =
          assertThrows(ModelException.class, () -> session.run(forever, Duration.ofMillis(100)));
      assertEquals("test: stopped, the run took longer than 100 ms", stopped.getMessage());
    }
  }

  @Test
  void saysWhatToDoWithoutAGpu() {
    ModelException refused =
        assertThrows(
            ModelException.class,
            () ->
                Session.open(
                    "test",
                    ByteBuffer.wrap(Models.perceptron().build().toByteArray()),
                    SessionOptions.DEFAULT.on(Device.CUDA)));
    assertTrue(refused.getMessage().startsWith("device cuda: "), refused.getMessage());
  }

  @Test
  void refusesCustomOperatorsThatAreNotThere() {
    SessionOptions options =
        SessionOptions.DEFAULT.withCustomOps(List.of(Path.of("no-such-library.so")));
    ModelException refused =
        assertThrows(
            ModelException.class, () -> Session.open("test", new TestGraph().bytes(), options));
    assertTrue(refused.getMessage().contains("no-such-library.so"));
  }

  private static Session perceptron() {
    ByteBuffer bytes = ByteBuffer.wrap(Models.perceptron().build().toByteArray());
    return Session.open("test", bytes, SessionOptions.DEFAULT);
  }
}
