package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TrainingFormTest {
  private static final TrainingOptions OPTIONS =
      TrainingOptions.training(LossOptions.of(LossKind.SQUARED_ERROR));

  private final Net net = new Net();

  private static TrainingGraph derive(Model model, TrainingOptions options) {
    return TrainingGraphs.derive(WorkingCopy.of(model, Net.ENGINE), options, Net.ENGINE);
  }

  private Model normalized() {
    Value hidden = net.ops.matMul(net.x(0, 3), net.weight("w", 3, 4));
    return net.output(net.batchNormalization(hidden, 4));
  }

  private Map<String, Tensor> feeds(TrainingGraph training, long outputs) {
    Map<String, Tensor> feeds = Net.initial(training, 5);
    feeds.put("x", net.tensor(5, 3));
    feeds.put("targets", net.tensor(5, outputs));
    return feeds;
  }

  @Test
  void dropsWhatTheMaskSays() {
    Value hidden = net.ops.matMul(net.x(0, 3), net.weight("w", 3, 4));
    Model model = net.output(net.dropout(net.ops.neg(net.dropout(hidden, 0.25)), 0));
    TrainingGraph training = derive(model, OPTIONS);

    assertEquals(1, training.masks().size());
    TrainingInputs.Mask mask = training.masks().get(0);
    assertEquals(0.25f, mask.rate());
    assertEquals("float[N,4]", mask.input().type().orElseThrow().toString());
    Map<String, Tensor> feeds = feeds(training, 4);
    double whole = Net.number(Net.run(training.model(), training.loss(), feeds));
    TrainingGraph evaluating = derive(model, OPTIONS.evaluating());
    assertEquals(List.of(), evaluating.masks());
    assertEquals(whole, Net.number(Net.run(evaluating.model(), evaluating.loss(), feeds)), 1e-6);
    feeds.put(mask.input().name(), Elements.tensor(DataType.FLOAT, Shape.of(5, 4), i -> 0));
    feeds.put("targets", Elements.tensor(DataType.FLOAT, Shape.of(5, 4), i -> 2));
    assertEquals(4, Net.number(Net.run(training.model(), training.loss(), feeds)), 1e-6);
  }

  @Test
  void recurrentNodesGiveAllSteps() {
    Value last = net.graph.newValue("last");
    Node gru = net.graph.addNode("gru", OperatorId.of("GRU"), Arrays.asList(null, last));
    gru.addInput(net.x(4, 0, 3));
    gru.addInput(net.weight("w", 1, 6, 3));
    gru.addInput(net.weight("r", 1, 6, 2));
    gru.setAttribute("hidden_size", Attribute.of(2));
    Model model = net.output(net.ops.squeeze(last, 0));
    TrainingGraph training = derive(model, OPTIONS);

    assertEquals("gru.steps", only(training.model(), "GRU").outputs().get(0).name());
    assertEquals(null, only(derive(model, OPTIONS.evaluating()).model(), "GRU").outputs().get(0));
  }

  private static Node only(Model model, String opType) {
    return model.graph().nodes().stream().filter(node -> node.is(opType)).findFirst().orElseThrow();
  }

  @Test
  void statisticsFollowTheBatches() {
    Model model = normalized();
    TrainingGraph training = derive(model, OPTIONS);

    assertEquals(
        List.of("mean", "variance"),
        training.statistics().stream().map(one -> one.original().name()).toList());
    Map<String, Tensor> feeds = feeds(training, 4);
    TrainingInputs.Statistic mean = training.statistics().get(0);
    double[] updated = Net.numbers(Net.run(training.model(), mean.updated(), feeds));
    Tensor hidden =
        Net.run(model, model.graph().nodes().get(0).outputs().get(0), Map.of("x", feeds.get("x")));
    double[] before = Net.numbers(mean.initial());
    double[] rows = Net.numbers(hidden);
    for (int c = 0; c < 4; c++) {
      double sum = 0;
      for (int row = 0; row < 5; row++) {
        sum += rows[4 * row + c];
      }
      assertEquals(0.9 * before[c] + 0.1 * sum / 5, updated[c], 1e-5);
    }
  }

  @Test
  void evaluatesWithTheStatisticsOfTheModel() {
    Model model = normalized();
    for (TrainingOptions options :
        List.of(OPTIONS.evaluating(), OPTIONS.following(value -> false))) {
      TrainingGraph training = derive(model, options);
      assertEquals(List.of(), training.statistics());
      Map<String, Tensor> feeds = feeds(training, 4);
      Tensor y = Net.run(model, model.graph().outputs().get(0), Map.of("x", feeds.get("x")));
      feeds.put("targets", y);
      assertEquals(0, Net.number(Net.run(training.model(), training.loss(), feeds)), 1e-9);
    }
  }

  @Test
  void weightsBecomeInputsAndKeepTheirOrigin() {
    Model model = normalized();
    TrainingGraph training = derive(model, OPTIONS);
    Map<String, TrainingInputs.Weight> weights =
        training.weights().stream()
            .collect(Collectors.toMap(weight -> weight.input().name(), weight -> weight));
    assertEquals(Set.of("w", "scale", "shift"), weights.keySet());
    TrainingInputs.Weight w = weights.get("w");
    assertSame(model.graph().find("w").orElseThrow(), w.original());
    assertSame(w.original().initializer().orElseThrow(), w.initial());
    assertEquals("float[3,4]", w.input().type().orElseThrow().toString());
    assertTrue(w.input().isGraphInput());
    assertFalse(model.graph().find("w").orElseThrow().isGraphInput());
    TrainingGraph frozen =
        derive(model, OPTIONS.training((Value value) -> !value.name().equals("w")));
    assertEquals(2, frozen.weights().size());
  }

  @Test
  void narrowWeightsAreFedWide() {
    Tensor wide = net.tensor(3, 2);
    var element = Elements.of(wide).orElseThrow();
    Value w = net.weight("w", Elements.tensor(DataType.FLOAT16, wide.shape(), element));
    Value x = net.ops.cast(net.x(0, 3), DataType.FLOAT16);
    Model model = net.output(net.ops.matMul(x, w));
    TrainingGraph training = derive(model, OPTIONS);

    TrainingInputs.Weight weight = training.weights().get(0);
    assertEquals("float[3,2]", weight.input().type().orElseThrow().toString());
    assertEquals(DataType.FLOAT16, weight.initial().dataType());
    Map<String, Tensor> feeds = feeds(training, 2);
    Tensor y = Net.run(model, model.graph().outputs().get(0), Map.of("x", feeds.get("x")));
    feeds.put("targets", Elements.tensor(DataType.FLOAT, y.shape(), Elements.of(y).orElseThrow()));
    assertEquals(0, Net.number(Net.run(training.model(), training.loss(), feeds)), 1e-6);
  }

  @Test
  void findsParametersAndLeavesOtherConstants() {
    Value x = net.x(0, 3, 4);
    Value centered = net.ops.sub(x, net.weight("pixel_mean", 3, 1));
    Value kernel = net.ops.transpose(net.weight("kernel", 5, 4), 1, 0);
    Value hidden = net.ops.matMul(centered, kernel);
    Value biased = net.ops.add(hidden, net.weight("bias", 5));
    Value scaled = net.ops.mul(biased, net.ops.scalar(DataType.FLOAT, 0.125));
    Tensor mask = ArrayTensor.of(Shape.of(1, 3, 1), 0f, -10000f, 0f);
    Value masked = net.ops.add(scaled, net.weight("mask", mask));
    Value table = net.ops.gather(net.weight("table", 9, 5), net.ops.ints(1, 2, 3), 0);
    TrainingGraph training = derive(net.output(net.ops.add(masked, table)), OPTIONS);
    assertEquals(
        List.of("kernel", "bias", "table"),
        training.weights().stream().map(weight -> weight.original().name()).toList());
  }

  @Test
  void constantNodesTrainToo() {
    Value w = net.graph.declare("w");
    var node = net.graph.addNode("w", OperatorId.of("Constant"), List.of(w));
    node.setAttribute("value", Attribute.of(net.tensor(3, 2)));
    TrainingGraph training = derive(net.output(net.ops.matMul(net.x(0, 3), w)), OPTIONS);
    assertSame(w, training.weights().get(0).original());
  }

  @Test
  void saysWhichStatisticsStay() {
    Value x = net.x(0, 3);
    Value scale = net.weight("w", 3);
    Value shared = net.weight("mean", 3);
    Value variance = net.positive("variance", 3);
    Value once = net.ops.call("BatchNormalization", x, scale, scale, shared, variance);
    Value twice = net.ops.call("BatchNormalization", once, scale, scale, shared, variance);
    TrainingGraph training = derive(net.output(twice), OPTIONS);
    assertEquals(2, training.statistics().size());
    assertEquals(1, training.refusals().size());
    assertTrue(training.refusals().get(0).reason().contains("another node follows them too"));
  }

  @Test
  void masksOfOtherTypesAreCast() {
    Value x = net.input("x", DataType.DOUBLE, 0, 3);
    Value y = net.ops.call("Dropout", x, net.ops.scalar(DataType.FLOAT, 0.5));
    TrainingGraph training = derive(net.output(net.ops.neg(y)), OPTIONS);
    Map<String, Tensor> feeds = new HashMap<>(Net.initial(training, 2));
    feeds.put("x", Elements.tensor(DataType.DOUBLE, Shape.of(2, 3), i -> i));
    feeds.put("targets", Elements.tensor(DataType.FLOAT, Shape.of(2, 3), i -> -i));
    double[] loss = Net.numbers(Net.run(training.model(), training.loss(), feeds));
    assertArrayEquals(new double[] {0}, loss, 1e-9);
  }
}
