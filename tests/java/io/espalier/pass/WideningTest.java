package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.gradient.Backward;
import io.espalier.gradient.Gradients;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Model;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WideningTest {
  private final Net net = new Net();

  private static Tensor half(Tensor tensor) {
    return Elements.tensor(DataType.FLOAT16, tensor.shape(), Elements.of(tensor).orElseThrow());
  }

  /** A convolution and an overlapping pool, whose gradient onnxruntime has in 32 bits only. */
  private Model model() {
    Value x = net.input("x", DataType.FLOAT16, 0, 2, 6, 6);
    Value y = net.ops.call("Conv", x, net.weight("w", half(net.tensor(3, 2, 3, 3))));
    Map<String, Attribute> window =
        Map.of("kernel_shape", Attribute.of(3, 3), "pads", Attribute.of(1, 1, 1, 1));
    Value pooled = net.ops.call("MaxPool", window, y);
    Value rounded = net.ops.cast(net.ops.cast(pooled, DataType.FLOAT), DataType.FLOAT16);
    return net.output(net.ops.add(rounded, net.weight("b", half(net.tensor(3, 1, 1)))));
  }

  @Test
  void computesIn32BitsWhatTheModelComputesIn16() {
    Model model = model();
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    assertEquals(List.of(), copy.refusals());
    Map<String, Tensor> feeds = Map.of("x", half(net.tensor(2, 2, 6, 6)));
    Tensor narrow = Net.run(model, model.graph().outputs().get(0), feeds);
    Tensor wide = Net.run(copy.model(), copy.model().graph().outputs().get(0), feeds);
    assertEquals(DataType.FLOAT, wide.dataType());
    double[] expected = Net.numbers(narrow);
    double[] found = Net.numbers(wide);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], 0.02);
    }
  }

  @Test
  void trainsWhatStaysIn16Bits() {
    WorkingCopy copy = WorkingCopy.of(model(), Net.ENGINE);
    TrainingOptions options = TrainingOptions.training(LossOptions.distilled(1));
    TrainingGraph training = TrainingGraphs.derive(copy, options, Net.ENGINE);
    Model graph = training.model();
    List<Value> inputs = training.weights().stream().map(TrainingInputs.Weight::input).toList();
    Gradients gradients =
        Backward.of(graph.graph(), training.loss(), inputs, Net.ENGINE.types(graph));
    assertEquals(2, gradients.of().size());
    training
        .weights()
        .forEach(weight -> assertEquals(DataType.FLOAT16, weight.initial().dataType()));
    Map<String, Tensor> feeds = Net.initial(training, 2);
    feeds.put("x", half(net.tensor(2, 2, 6, 6)));
    feeds.put("teacher.y", net.tensor(2, 3, 4, 4));
    for (Value gradient : gradients.of().values()) {
      assertEquals(DataType.FLOAT, Net.run(graph, gradient, feeds).dataType());
    }
  }
}
