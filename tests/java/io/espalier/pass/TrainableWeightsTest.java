package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainableWeightsTest {
  private final Net net = new Net();

  private List<String> names() {
    return TrainableWeights.of(net.graph).stream().map(Value::name).toList();
  }

  private Value numbers(String name, float... numbers) {
    return net.weight(name, ArrayTensor.of(Shape.of(numbers.length), numbers));
  }

  @Test
  void aBiasMayBeOneNumber() {
    Value product = net.ops.matMul(net.x(0, 3), net.weight("w", 3, 1));
    Value biased = net.ops.add(product, numbers("bias", 0.5f));
    net.output(net.ops.mul(biased, numbers("factor", 2)));
    assertEquals(List.of("w", "bias"), names());
  }

  @Test
  void masksAreNone() {
    Value scores = net.ops.matMul(net.x(0, 3), net.weight("w", 3, 2));
    net.output(net.ops.add(scores, numbers("mask", 0, -1e9f)));
    assertEquals(List.of("w"), names());
  }

  @Test
  void largeNumbersInASlotAreWeightsAllTheSame() {
    net.output(net.ops.matMul(net.x(0, 2), numbers("w", 1, 5000)));
    assertEquals(List.of("w"), names());
  }

  @Test
  void gatesPutInAnotherOrderAreFound() {
    Value w = net.weight("w", 8, 3);
    long[] first = {0};
    long[] one = {1};
    Value front = net.ops.slice(w, new long[] {0}, new long[] {4}, first, one);
    Value behind = net.ops.slice(w, new long[] {4}, new long[] {8}, first, one);
    Value turned = net.ops.concat(0, List.of(behind, front));
    net.output(net.ops.gemm(net.x(0, 3), false, turned, true));
    assertEquals(List.of("w"), names());
  }

  @Test
  void integersOfQuantizedModelsAreRefusedByName() {
    Value scale = net.ops.scalar(DataType.FLOAT, 0.1);
    Value w = net.weight("w", Elements.tensor(DataType.INT8, Shape.of(3, 2), i -> i - 2));
    Value product = net.ops.matMul(net.x(0, 3), net.ops.call("DequantizeLinear", w, scale));
    Value q = net.ops.call("QuantizeLinear", net.weight("v", 2, 4), scale);
    Value last = net.ops.matMul(product, net.ops.call("DequantizeLinear", q, scale));
    WorkingCopy copy = WorkingCopy.of(net.output(last), Net.ENGINE);
    TrainingOptions options = TrainingOptions.training(LossOptions.distilled(1));
    TrainingGraph training = TrainingGraphs.derive(copy, options, Net.ENGINE);
    assertEquals(List.of("v"), training.weights().stream().map(x -> x.input().name()).toList());
    assertEquals(
        List.of(new Refusal("w", "does not train: its elements are integers (int8)")),
        training.refusals());
  }
}
