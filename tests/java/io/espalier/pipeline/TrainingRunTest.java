package io.espalier.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.Espalier;
import io.espalier.data.ArrayFiles;
import io.espalier.onnx.Models;
import io.espalier.onnx.OnnxFile;
import io.espalier.onnx.proto.OnnxProto.GraphProto;
import io.espalier.onnx.proto.OnnxProto.ModelProto;
import io.espalier.onnx.proto.OnnxProto.TensorProto;
import io.espalier.report.Evaluation;
import io.espalier.report.EvaluationText;
import io.espalier.report.Paint;
import io.espalier.report.Report;
import io.espalier.report.ReportForm;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that train, by the options that ask for them. */
class TrainingRunTest {
  @TempDir Path folder;
  private Path model;

  /** x [N,8] -> MatMul -> BatchNormalization -> Dropout -> Relu -> MatMul -> y [N,4]. */
  @BeforeEach
  void writeFiles() throws IOException {
    TensorProto.Builder variance =
        TensorProto.newBuilder().setName("variance").setDataType(1).addDims(16);
    for (int i = 0; i < 16; i++) {
      variance.addFloatData(1 + i);
    }
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("normalized")
            .addNode(Models.node("MatMul", "first", List.of("x", "w1"), "h"))
            .addNode(
                Models.node(
                    "BatchNormalization", "norm", List.of("h", "s", "b", "mean", "variance"), "n"))
            .addNode(Models.node("Dropout", "drop", List.of("n"), "d"))
            .addNode(Models.node("Relu", "relu", List.of("d"), "r"))
            .addNode(Models.node("MatMul", "last", List.of("r", "w2"), "y"))
            .addInitializer(Models.random("w1", 1, 8, 16))
            .addInitializer(Models.random("s", 2, 16))
            .addInitializer(Models.random("b", 3, 16))
            .addInitializer(Models.random("mean", 4, 16))
            .addInitializer(variance)
            .addInitializer(Models.random("w2", 5, 16, 4))
            .addInput(Models.value("x", "N", 8))
            .addOutput(Models.value("y", "N", 4))
            .build();
    ModelProto net = Models.model(graph, 13).build();
    model = Files.write(folder.resolve("net.onnx"), net.toByteArray());
    Random random = new Random(5);
    float[] points = new float[200 * 8];
    long[] labels = new long[200];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 4;
      for (int j = 0; j < 8; j++) {
        points[8 * i + j] = (float) (0.3 * random.nextGaussian() + (j == labels[i] ? 2 : 0));
      }
    }
    ArrayFiles.npz(
        folder.resolve("d.npz"),
        Map.of("x", ArrayFiles.floats("200, 8", points), "y", ArrayFiles.longs("200,", labels)));
  }

  private RecipeOptions training() {
    return new RecipeOptions()
        .set("data", folder.resolve("d.npz").toString())
        .set("epochs", "10")
        .set("batch", "20")
        .set("threads", "1")
        .set("lr", "0.02");
  }

  private List<String> operators(Path file) throws IOException {
    try (OnnxFile opened = OnnxFile.open(file)) {
      return opened.model().graph().nodes().stream()
          .map(node -> node.operator().toString())
          .toList();
    }
  }

  @Test
  void trainsAloneAndReportsNoPruning() throws IOException {
    Report report =
        Espalier.run(training().set("min-compression", "0.5").training(model), Listener.NONE);
    assertEquals(folder.resolve("net.trained.onnx").toString(), report.output().path());
    assertNull(report.sparsity());
    assertEquals(List.of(), report.tensors());
    assertEquals(0, report.parameters().prunable());
    assertEquals(report.parameters().total(), report.parameters().nonzero());
    List<Report.EpochRow> history = report.training().history();
    assertNull(history.get(9).sparsity());
    assertTrue(history.get(9).loss() < history.get(0).loss() / 2, history.toString());
    String markdown = ReportForm.MARKDOWN.render(report);
    assertTrue(markdown.startsWith("# Training report\n"), markdown);
    assertTrue(!markdown.contains("Sparsity") && !markdown.contains("Zeros"), markdown);
  }

  @Test
  void stripsWhatOnlyTrainingNeeds() throws IOException {
    Report report = Espalier.run(training().training(model), Listener.NONE);
    Path trained = folder.resolve("net.trained.onnx");
    assertEquals(List.of("MatMul", "BatchNormalization", "Relu", "MatMul"), operators(trained));
    assertTrue(report.notes().toString().contains("stripped: 1 nodes"), report.notes().toString());
    Espalier.run(training().flag("no-strip", true).training(model), Listener.NONE);
    assertTrue(operators(trained).contains("Dropout"));
  }

  @Test
  void foldsWithAndWithoutTraining() throws IOException {
    RecipeOptions folding = new RecipeOptions().flag("fold-batch-normalization", true);
    Report report = Espalier.run(folding.set("sparsity", "0").recipe(model), Listener.NONE);
    Path folded = folder.resolve("net.pruned.onnx");
    assertEquals(List.of("MatMul", "Add", "Dropout", "Relu", "MatMul"), operators(folded));
    assertTrue(report.fidelity().maxAbsDiff() < 1e-4, report.fidelity().toString());
    report =
        Espalier.run(
            training().flag("fold-batch-normalization", true).set("sparsity", "0.75").recipe(model),
            Listener.NONE);
    assertEquals(List.of("MatMul", "Add", "Relu", "MatMul"), operators(folded));
    assertEquals(0.75, report.sparsity().achieved());
    try (OnnxFile opened = OnnxFile.open(folded)) {
      int[] zeros = new int[1];
      FloatBuffer first =
          opened
              .model()
              .graph()
              .find("w1")
              .orElseThrow()
              .initializer()
              .orElseThrow()
              .bytes()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      while (first.hasRemaining()) {
        zeros[0] += Float.floatToRawIntBits(first.get()) == 0 ? 1 : 0;
      }
      assertEquals(96, zeros[0]);
    }
  }

  @Test
  void countsAreExactForEveryWayToAsk() throws IOException {
    assertEquals(
        List.of(48L, 16L), kept(training().set("sparsity", "0.625").set("layer", "w2=0.75")));
    RecipeOptions rising = training().set("sparsity", "0.75").set("initial-sparsity", "0.5");
    assertEquals(List.of(96L, 16L), kept(rising.set("layer", "w1=0.25")));
    assertEquals(List.of(64L, 32L), kept(training().set("granularity", "2:4")));
    List<Long> together = kept(training().set("sparsity", "0.75").set("scope", "global"));
    assertEquals(48, together.get(0) + together.get(1));
    assertTrue(together.get(0) != 32, "as each weight by itself would have it: " + together);
  }

  private List<Long> kept(RecipeOptions options) throws IOException {
    Report report = Espalier.run(options.set("epochs", "2").recipe(model), Listener.NONE);
    return report.tensors().stream().map(Report.TensorRow::nonzero).toList();
  }

  @Test
  void judgesTrainingValidationAndTestApart() throws IOException {
    String data = folder.resolve("d.npz").toString();
    Report report =
        Espalier.run(
            training().set("validation-split", "0.2:random").set("test", data).training(model),
            Listener.NONE);
    assertEquals(
        List.of("training 160", "validation 40", "test 200"),
        report.accuracy().stream().map(one -> one.split() + " " + one.samples()).toList());
    Report.Accuracy training = report.accuracy().get(0);
    Report.Accuracy validation = report.accuracy().get(1);
    Report.Accuracy test = report.accuracy().get(2);
    assertEquals(200 * test.after(), 160 * training.after() + 40 * validation.after(), 1e-9);
    assertEquals(200 * test.before(), 160 * training.before() + 40 * validation.before(), 1e-9);
    int best = report.training().bestEpoch() - 1;
    Report.EpochRow kept = report.training().history().get(best);
    assertEquals(kept.valAccuracy(), validation.after(), 1e-9);
  }

  @Test
  void learnsNumbersToReach() throws IOException {
    float[] x = new float[64 * 8];
    float[] y = new float[64 * 4];
    Random random = new Random(1);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i / 4 * 8 + i % 4] - 0.5f * x[i / 4 * 8 + 5];
    }
    Path numbers = folder.resolve("n.npz");
    ArrayFiles.npz(
        numbers, Map.of("x", ArrayFiles.floats("64, 8", x), "y", ArrayFiles.floats("64, 4", y)));
    Report report =
        Espalier.run(
            training().set("data", numbers.toString()).set("epochs", "40").training(model),
            Listener.NONE);
    assertEquals(List.of(), report.accuracy());
    Report.Errors errors = report.errors().get(0);
    assertEquals("training", errors.split());
    assertTrue(errors.after().squared() < errors.before().squared() / 4, errors.toString());
  }

  @Test
  void evaluatesAllSplitsAtOnce() throws IOException {
    String data = folder.resolve("d.npz").toString();
    Path json = folder.resolve("e.json");
    Path markdown = folder.resolve("e.md");
    Evaluator.Plan plan =
        new RecipeOptions()
            .set("data", data)
            .set("validation", data)
            .set("test", data)
            .set("report", List.of(json.toString(), markdown.toString()))
            .evaluation(model);
    Evaluation found = Evaluator.evaluate(plan, Listener.NONE);
    assertEquals("cross-entropy", found.loss());
    assertEquals(
        List.of("data", "validation", "test"),
        found.splits().stream().map(Evaluation.Split::split).toList());
    Evaluation.Split split = found.splits().get(2);
    long right = 0;
    for (int c = 0; c < 4; c++) {
      long row = split.confusion().get(c).stream().mapToLong(Long::longValue).sum();
      assertEquals(50, row);
      assertEquals(50, split.classes().get(c).support());
      assertEquals(split.confusion().get(c).get(c) / 50.0, split.classes().get(c).recall());
      right += split.confusion().get(c).get(c);
    }
    assertEquals(right / 200.0, split.accuracy());
    Report pruned =
        Espalier.run(
            new RecipeOptions().set("test", data).set("sparsity", "0").recipe(model),
            Listener.NONE);
    assertEquals(pruned.accuracy().get(0).before(), split.accuracy());
    assertTrue(Files.readString(json).contains("\"confusion\": ["));
    assertTrue(Files.readString(markdown).contains("| Class / taken for | 0 | 1 | 2 | 3 |"));
    String text = EvaluationText.render(found, 80, Paint.NONE);
    assertTrue(text.contains("\nvalidation      200  "), text);
    refusesEvaluation("--data: expected labelled samples here", new RecipeOptions());
  }

  private void refusesEvaluation(String message, RecipeOptions options) {
    UsageException e = assertThrows(UsageException.class, () -> options.evaluation(model));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void optionsThatNeedOthersSaySo() {
    refuses("--no-strip: only a training run", new RecipeOptions().flag("no-strip", true));
    refuses("--distill-mix: says how --distill is done", training().set("distill-mix", "0.3"));
    refuses(
        "--clip-norm: --clip-value limits gradients too",
        training().set("clip-norm", "1").set("clip-value", "1"));
    refuses(
        "--optimizer: adam: beta1: expected 0 up to but not 1, got '1'",
        training().set("optimizer", "adam:beta1=1"));
    refuses("--clip-norm: expected more than 0, got '0'", training().set("clip-norm", "0"));
    UsageException none =
        assertThrows(UsageException.class, () -> new RecipeOptions().training(model));
    assertTrue(none.getMessage().startsWith("--epochs: expected 1 or more"), none.getMessage());
  }

  private void refuses(String message, RecipeOptions options) {
    UsageException e = assertThrows(UsageException.class, () -> options.recipe(model));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
