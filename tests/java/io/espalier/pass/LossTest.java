package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses against the formulas, computed here in double from the model's input, its logits. */
class LossTest {
  private static final double EXACT = 1e-5;

  private final Net net = new Net();

  /** A model that applies an activation, or none, to its input. */
  private Model model(String activation, long... dims) {
    Value x = net.x(dims);
    return net.output(
        switch (activation) {
          case "Softmax", "LogSoftmax" ->
              net.ops.call(activation, Map.of("axis", Attribute.of(1)), x);
          default -> net.ops.call(activation, x);
        });
  }

  private static TrainingGraph derive(Model model, LossOptions loss) {
    return TrainingGraphs.derive(
        WorkingCopy.of(model, Net.ENGINE), TrainingOptions.training(loss), Net.ENGINE);
  }

  private static Tensor floats(long[] dims, double... numbers) {
    return Elements.tensor(DataType.FLOAT, Shape.of(dims), i -> numbers[i]);
  }

  private static double[] logSoftmax(double... x) {
    double largest = Math.max(x[0], Math.max(x[1], x[2]));
    double sum = 0;
    for (double one : x) {
      sum += Math.exp(one - largest);
    }
    double[] result = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = x[i] - largest - Math.log(sum);
    }
    return result;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Softmax", "LogSoftmax", "Identity"})
  void crossEntropyOfLabels(String activation) {
    TrainingGraph training = derive(model(activation, 0, 3), LossOptions.of(LossKind.LABELS));
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {2, 3}, 1, 2, -1, 0.5, 0, 3),
            "labels", ArrayTensor.of(Shape.of(2), 1L, 0L));
    double expected = -(logSoftmax(1, 2, -1)[1] + logSoftmax(0.5, 0, 3)[0]) / 2;
    assertEquals(expected, loss(training, feeds), EXACT);
    assertEquals(1, Net.number(Net.run(training.model(), training.right().orElseThrow(), feeds)));
  }

  @Test
  void crossEntropyStaysFinite() {
    TrainingGraph training = derive(model("Softmax", 0, 3), LossOptions.of(LossKind.LABELS));
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 3}, 1000, 0, -1000),
            "labels", ArrayTensor.of(Shape.of(1), 2L));
    assertEquals(2000, loss(training, feeds), 1e-3);
  }

  @Test
  void weighsSamplesAsKerasDoes() {
    LossOptions weighted = LossOptions.of(LossKind.LABELS).withWeights();
    TrainingGraph training = derive(model("Softmax", 0, 3), weighted);
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {2, 3}, 1, 2, -1, 0.5, 0, 3),
            "labels", ArrayTensor.of(Shape.of(2), 1L, 0L),
            "sample_weights", floats(new long[] {2}, 3, 0.5));
    double expected = -(3 * logSoftmax(1, 2, -1)[1] + 0.5 * logSoftmax(0.5, 0, 3)[0]) / 2;
    assertEquals(expected, loss(training, feeds), EXACT);
  }

  @Test
  void judgesEveryPositionOfASequence() {
    Value x = net.x(0, 2, 3);
    Model model = net.output(net.softmax(x, -1));
    TrainingGraph training = derive(model, LossOptions.of(LossKind.LABELS).withWeights());
    assertEquals("int64[N,2]", training.targets().orElseThrow().type().orElseThrow().toString());
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 2, 3}, 1, 2, -1, 0.5, 0, 3),
            "labels", ArrayTensor.of(Shape.of(1, 2), 1L, 0L),
            "sample_weights", floats(new long[] {1}, 2));
    double expected = -(logSoftmax(1, 2, -1)[1] + logSoftmax(0.5, 0, 3)[0]);
    assertEquals(expected, loss(training, feeds), EXACT);
  }

  @Test
  void dropsAxesOfSizeOneBehindTheClasses() {
    TrainingGraph training = derive(model("Softmax", 0, 3, 1, 1), LossOptions.of(LossKind.LABELS));
    assertEquals("int64[N]", training.targets().orElseThrow().type().orElseThrow().toString());
  }

  @Test
  void crossEntropyOfDistributions() {
    TrainingGraph training = derive(model("Softmax", 0, 3), LossOptions.of(LossKind.DISTRIBUTIONS));
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 3}, 1, 2, -1),
            "targets", floats(new long[] {1, 3}, 0.2, 0.5, 0.3));
    double[] log = logSoftmax(1, 2, -1);
    assertEquals(-(0.2 * log[0] + 0.5 * log[1] + 0.3 * log[2]), loss(training, feeds), EXACT);
    assertEquals(1, Net.number(Net.run(training.model(), training.right().orElseThrow(), feeds)));
  }

  @Test
  void binaryCrossEntropyBeforeTheSigmoid() {
    TrainingGraph training = derive(model("Sigmoid", 0, 2), LossOptions.of(LossKind.BINARY));
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 2}, 200, -1),
            "targets", floats(new long[] {1, 2}, 0, 1));
    double expected = (200 + Math.log1p(Math.exp(1))) / 2;
    assertEquals(expected, loss(training, feeds), 1e-4);
    assertEquals(0, Net.number(Net.run(training.model(), training.right().orElseThrow(), feeds)));
  }

  @Test
  void meanSquaredErrorOfWhatTheModelGives() {
    TrainingGraph training = derive(model("Sigmoid", 0, 2), LossOptions.of(LossKind.SQUARED_ERROR));
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 2}, 0, 0),
            "targets", floats(new long[] {1, 2}, 1, 0.25));
    assertEquals((0.25 + 0.0625) / 2, loss(training, feeds), EXACT);
    assertEquals(Optional.empty(), training.right());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Softmax", "LogSoftmax", "Sigmoid", "Tanh"})
  void aTeacherOfTheSameOpinionCostsNothing(String activation) {
    Model model = model(activation, 0, 3);
    TrainingGraph training = derive(model, LossOptions.distilled(3));
    Teacher teacher = TrainingGraphs.teacher(WorkingCopy.of(model, Net.ENGINE), Net.ENGINE);
    Map<String, Tensor> feeds = new HashMap<>();
    feeds.put("x", floats(new long[] {1, 3}, 1, 2, -1));
    Tensor taught = Net.run(teacher.model(), teacher.outputs().get("y"), feeds);
    feeds.put(training.teachers().get("y").name(), taught);
    assertEquals(0, loss(training, feeds), EXACT);
    feeds.put(training.teachers().get("y").name(), floats(new long[] {1, 3}, 0, 2, 1));
    assertTrue(loss(training, feeds) > 0.01);
  }

  @Test
  void mixesTeacherAndTargets() {
    LossOptions mixed = LossOptions.of(LossKind.LABELS).with(new LossOptions.Distillation(2, 0.25));
    TrainingGraph training = derive(model("Softmax", 0, 3), mixed);
    Map<String, Tensor> feeds =
        Map.of(
            "x", floats(new long[] {1, 3}, 1, 2, -1),
            "labels", ArrayTensor.of(Shape.of(1), 1L),
            "teacher.y", floats(new long[] {1, 3}, 0, 1, 2));
    double[] p = logSoftmax(0, 0.5, 1);
    double[] q = logSoftmax(0.5, 1, -0.5);
    double divergence = 0;
    for (int i = 0; i < 3; i++) {
      divergence += Math.exp(p[i]) * (p[i] - q[i]);
    }
    double expected = 0.75 * -logSoftmax(1, 2, -1)[1] + 0.25 * 4 * divergence;
    assertEquals(expected, loss(training, feeds), EXACT);
  }

  @Test
  void namesTheOutputsThereAre() {
    Model model = model("Softmax", 0, 3);
    LossOptions other = LossOptions.of(LossKind.LABELS).withOutput("z");
    UnsupportedModelException e =
        assertThrows(UnsupportedModelException.class, () -> derive(model, other));
    assertEquals("output 'z': expected one of [y]", e.getMessage());
  }

  @Test
  void choosesTheLossThatFits() {
    assertEquals(LossKind.LABELS, LossKind.fitting(Activation.SOFTMAX, true));
    assertEquals(LossKind.DISTRIBUTIONS, LossKind.fitting(Activation.LOG_SOFTMAX, false));
    assertEquals(LossKind.BINARY, LossKind.fitting(Activation.SIGMOID, true));
    assertEquals(LossKind.SQUARED_ERROR, LossKind.fitting(Activation.NONE, false));
    WorkingCopy copy = WorkingCopy.of(model("Sigmoid", 0, 1), Net.ENGINE);
    OutputHead head = TrainingGraphs.heads(copy, Net.ENGINE).get(0);
    assertEquals(Activation.SIGMOID, head.activation());
    assertEquals(List.of("x", "y"), List.of(head.raw().name(), head.output().name()));
  }

  private static double loss(TrainingGraph training, Map<String, Tensor> feeds) {
    return Net.number(Net.run(training.model(), training.loss(), feeds));
  }
}
