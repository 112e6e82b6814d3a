package io.espalier.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.SharedData;
import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.onnx.OnnxFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleInputsTest {
  private static final SampleInputs.Options OPTIONS = SampleInputs.Options.seeded(7);

  /** ids [batch, seq] -> rows of a table with seven rows. */
  private static TestGraph embedding() {
    return new TestGraph()
        .input("ids", DataType.INT64, "batch", "seq")
        .floats("table", 1, 7, 4)
        .node("Gather", "table ids", "y")
        .output("y", DataType.FLOAT, "batch", "seq", 4);
  }

  /** An image of any size that is flattened to rows of 784. */
  private static TestGraph digits() {
    return new TestGraph()
        .input("image", DataType.FLOAT, "batch", 1, "h", "w")
        .ints("shape", -1, 784)
        .floats("weight", 2, 784, 10)
        .node("Reshape", "image shape", "flat")
        .node("MatMul", "flat weight", "y")
        .output("y", DataType.FLOAT, "batch", 10);
  }

  @Test
  void keepsIdsInsideTheTable() {
    Samples samples = find(embedding(), OPTIONS);
    Tensor ids = tensor(samples.batches().get(0), "ids");
    assertEquals(Shape.of(4, 16), ids.shape());
    double[] found = elements(ids);
    for (double id : found) {
      assertTrue(id >= 0 && id < 7, "id " + id);
    }
    assertTrue(IntStream.range(1, found.length).anyMatch(i -> found[i] != found[0]));
  }

  @Test
  void followsIdsThroughOtherOperators() {
    TestGraph graph =
        new TestGraph()
            .input("ids", DataType.INT32, 1, 5)
            .floats("table", 1, 3, 4)
            .ints("flat", -1)
            .node("Cast", "ids", "wide", TestGraph.attribute("to", 7))
            .node("Reshape", "wide flat", "list")
            .node("Gather", "table list", "y")
            .output("y", DataType.FLOAT, 5, 4);
    Samples samples = find(graph, OPTIONS);
    assertEquals(4, samples.batches().size());
    for (Map<String, Datum> batch : samples.batches()) {
      for (double id : elements(tensor(batch, "ids"))) {
        assertTrue(id >= 0 && id < 3, "id " + id);
      }
    }
  }

  @Test
  void followsIdsIntoBranches() {
    TestGraph branch =
        new TestGraph().node("Gather", "table ids", "rows").output("rows", DataType.FLOAT, 5, 4);
    TestGraph graph =
        new TestGraph()
            .input("ids", DataType.INT64, 5)
            .input("flag", DataType.BOOL)
            .floats("table", 1, 2, 4)
            .node(
                "If",
                "flag",
                "y",
                TestGraph.attribute("then_branch", branch),
                TestGraph.attribute("else_branch", branch))
            .output("y", DataType.FLOAT, 5, 4);
    for (double id : elements(tensor(find(graph, OPTIONS).single(), "ids"))) {
      assertTrue(id == 0 || id == 1, "id " + id);
    }
  }

  @Test
  void findsTheImageSizeThatAReshapeWants() {
    Samples samples = find(digits(), OPTIONS);
    assertEquals(Shape.of(4, 1, 28, 28), tensor(samples.batches().get(0), "image").shape());
    assertEquals(4, samples.samplesPerBatch());
    assertEquals(4, samples.samples());
    assertEquals(Shape.of(1, 1, 28, 28), tensor(samples.single(), "image").shape());
    assertEquals(1, samples.singleSamples());
    assertEquals(List.of("h=28", "w=28"), samples.notes());
  }

  @Test
  void takesSeveralRunsWhereTheBatchIsFixed() {
    TestGraph graph =
        new TestGraph()
            .input("x", DataType.FLOAT, 1, 3)
            .node("Relu", "x", "y")
            .output("y", DataType.FLOAT, 1, 3);
    Samples samples = find(graph, OPTIONS);
    assertEquals(4, samples.batches().size());
    assertEquals(1, samples.samplesPerBatch());
    assertNotEquals(
        tensor(samples.batches().get(0), "x").bytes(),
        tensor(samples.batches().get(1), "x").bytes());
    assertEquals(4, samples.outputs().size());
  }

  @Test
  void givesTheSameInputsForTheSameSeed() {
    Datum.Numbers first = (Datum.Numbers) find(digits(), OPTIONS).single().get("image");
    Datum.Numbers again = (Datum.Numbers) find(digits(), OPTIONS).single().get("image");
    assertEquals(first.tensor().bytes(), again.tensor().bytes());
    Datum.Numbers other =
        (Datum.Numbers) find(digits(), SampleInputs.Options.seeded(8)).single().get("image");
    assertNotEquals(first.tensor().bytes(), other.tensor().bytes());
  }

  @Test
  void knowsMasksPositionsAndSumsOfDimensions() {
    TestGraph graph =
        new TestGraph()
            .input("input_ids", DataType.INT64, "batch", "sequence")
            .input("attention_mask", DataType.INT64, "batch", "past_sequence + sequence")
            .input("position_ids", DataType.INT64, "batch", "sequence")
            .input("past", DataType.INT64, "batch", "past_sequence")
            .node("Concat", "past input_ids", "all", TestGraph.attribute("axis", 1))
            .node("Add", "all attention_mask", "sum")
            .node("Add", "input_ids position_ids", "other")
            .output("sum", DataType.INT64, "batch", "t")
            .output("other", DataType.INT64, "batch", "sequence");
    Map<String, Datum> single = find(graph, OPTIONS).single();
    assertEquals(Shape.of(1, 20), tensor(single, "attention_mask").shape());
    for (double mask : elements(tensor(single, "attention_mask"))) {
      assertEquals(1, mask);
    }
    double[] positions = elements(tensor(single, "position_ids"));
    assertArrayEquals(IntStream.range(0, 16).asDoubleStream().toArray(), positions);
  }

  @Test
  void takesSizesAndValuesThatAreGiven() {
    Datum ids = Datum.of(ArrayTensor.of(Shape.of(2, 3), 0L, 1L, 2L, 3L, 4L, 5L));
    Samples given = find(embedding(), OPTIONS.withGiven(Map.of("ids", ids)));
    assertEquals(List.of(Map.of("ids", ids)), given.batches());
    assertEquals(2, given.samplesPerBatch());
    Samples sized = find(embedding(), OPTIONS.withDims(Map.of("seq", 5L)));
    assertEquals(Shape.of(4, 5), tensor(sized.batches().get(0), "ids").shape());
  }

  @Test
  void convertsGivenNumbersToTheTypeOfTheInput() {
    Tensor doubles = Elements.tensor(DataType.DOUBLE, Shape.of(1, 1, 28, 28), i -> i);
    Samples samples = find(digits(), OPTIONS.withGiven(Map.of("image", Datum.of(doubles))));
    assertEquals(DataType.FLOAT, tensor(samples.single(), "image").dataType());
  }

  @Test
  void refusesWhatTheModelDoesNotHave() {
    assertFails(
        OPTIONS.withDims(Map.of("length", 5L)),
        "dimension 'length': the model's free dimensions are [batch, seq]");
    Datum vector = Datum.of(ArrayTensor.of(Shape.of(3), 1L, 2L, 3L));
    assertFails(
        OPTIONS.withGiven(Map.of("x", vector)), "input 'x': the model has the inputs [ids]");
    assertFails(
        OPTIONS.withGiven(Map.of("ids", vector)),
        "input 'ids': expected ids: int64[batch,seq], got shape 3");
    Datum floats = Datum.of(ArrayTensor.of(Shape.of(1, 2), 1f, 2f));
    assertFails(
        OPTIONS.withGiven(Map.of("ids", floats)),
        "input 'ids': expected elements of type int64, got float");
  }

  @Test
  void givesUpWithWhatOnnxruntimeSaid() {
    TestGraph graph =
        new TestGraph()
            .input("x", DataType.FLOAT, "N")
            .ints("wanted", 2, 7919)
            .node("Reshape", "x wanted", "y")
            .output("y", DataType.FLOAT, 2, 7919);
    SampleInputs.Options few =
        new SampleInputs.Options(7, 4, Map.of(), Map.of(), 1, OPTIONS.limit());
    try (Session session = graph.open()) {
      SampleInputs.Found found = SampleInputs.find(graph.model(), session, few);
      assertTrue(found.samples().isEmpty());
      assertTrue(found.failure().orElseThrow().contains("Reshape"), found.failure().get());
      assertTrue(
          SampleInputs.find(graph.model(), session, OPTIONS).samples().isPresent(),
          "the complaint names the size");
    }
  }

  @Test
  void comparesModelsThatDrawRandomNumbersOnTheSameOnes() {
    TestGraph graph =
        new TestGraph()
            .input("x", DataType.FLOAT, "N", 3)
            .node("RandomNormalLike", "x", "noise")
            .node("Add", "x noise", "y")
            .output("y", DataType.FLOAT, "N", 3);
    try (Session before = graph.open();
        Session after = graph.open()) {
      Samples samples = SampleInputs.find(graph.model(), before, OPTIONS).samples().orElseThrow();
      assertTrue(samples.drawsRandom());
      assertTrue(Comparison.of(before, after, samples).bitEqual());
    }
  }

  @Test
  void findsInputsForRealModels() throws IOException {
    for (Path file : SharedData.files("onnx", ".onnx")) {
      try (OnnxFile onnx = OnnxFile.open(file);
          Session session = Session.open(file, SessionOptions.DEFAULT)) {
        Model model = onnx.model();
        SampleInputs.Found found = SampleInputs.find(model, session, OPTIONS);
        assertTrue(found.samples().isPresent(), file + ": " + found.failure());
        Fidelity same = Comparison.of(session, session, found.samples().get());
        assertTrue(same.bitEqual(), file + ": " + same);
        assertTrue(same.samples() >= 1);
      }
    }
  }

  private static Samples find(TestGraph graph, SampleInputs.Options options) {
    try (Session session = graph.open()) {
      SampleInputs.Found found = SampleInputs.find(graph.model(), session, options);
      assertTrue(found.samples().isPresent(), found.failure().orElse(""));
      return found.samples().get();
    }
  }

  private static void assertFails(SampleInputs.Options options, String message) {
    try (Session session = embedding().open()) {
      ModelException refused =
          assertThrows(
              ModelException.class, () -> SampleInputs.find(embedding().model(), session, options));
      assertEquals(message, refused.getMessage());
    }
  }

  private static Tensor tensor(Map<String, Datum> feeds, String input) {
    return ((Datum.Numbers) feeds.get(input)).tensor();
  }

  private static double[] elements(Tensor tensor) {
    return IntStream.range(0, (int) tensor.shape().elements())
        .mapToDouble(Elements.of(tensor).orElseThrow()::applyAsDouble)
        .toArray();
  }
}
