package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplesFirstTest {
  private final Net net = new Net();

  /** y = x w + state 0 + state 1 + factor, with a state of [2, batch, 2] and a scalar factor. */
  private Model model() {
    Value x = net.x(0, 3);
    Value state = net.input("state", DataType.FLOAT, 2, 0, 2);
    Value factor = net.input("factor", DataType.FLOAT);
    Value states = net.ops.reduceSum(state, new long[] {0}, false);
    Value product = net.ops.matMul(x, net.weight("w", 3, 2));
    return net.output(net.ops.mul(net.ops.add(product, states), factor));
  }

  @Test
  void takesSamplesAlongTheFirstAxisOfEveryInput() {
    Model model = model();
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    Tensor x = net.tensor(2, 3);
    Tensor byRows = ArrayTensor.of(Shape.of(2, 2, 2), new float[] {1, 2, 5, 6, 3, 4, 7, 8});
    Tensor bySamples = ArrayTensor.of(Shape.of(2, 2, 2), new float[] {1, 2, 3, 4, 5, 6, 7, 8});
    Tensor one = ArrayTensor.of(Shape.of(), new float[] {0.5f});
    Tensor two = ArrayTensor.of(Shape.of(2), new float[] {0.5f, 0.5f});
    Model first = copy.model();
    assertEquals(
        Net.run(
                model,
                model.graph().outputs().get(0),
                Map.of("x", x, "state", byRows, "factor", one))
            .bytes(),
        Net.run(
                first,
                first.graph().outputs().get(0),
                Map.of("x", x, "state", bySamples, "factor", two))
            .bytes());
    assertEquals(
        List.of("input factor"), copy.refusals().stream().map(refusal -> refusal.where()).toList());
  }
}
