package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.gradient.Backward;
import io.espalier.graph.Attribute;
import io.espalier.graph.Model;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeFirstTest {
  private static final long[] SWAPPED = {1, 0, 2};

  /** A bidirectional net from x [2, 5, 3], in time's layout or the batch's; all outputs in one. */
  private static Model model(String operator, int gates, boolean batchFirst) {
    Net net = new Net();
    Value x = net.x(2, 5, 3);
    Value w = net.weight("w", 2, 4 * gates, 3);
    Value r = net.weight("r", 2, 4 * gates, 4);
    Value h = net.weight("h", 2, 2, 4);
    Map<String, Attribute> attributes = new TreeMap<>();
    attributes.put("hidden_size", Attribute.of(4));
    attributes.put("direction", Attribute.of("bidirectional"));
    if (batchFirst) {
      attributes.put("layout", Attribute.of(1));
    } else {
      x = net.ops.transpose(x, SWAPPED);
      h = net.ops.transpose(h, SWAPPED);
    }
    List<Value> y = net.ops.call(OperatorId.of(operator), attributes, 2, x, w, r, null, null, h);
    Value all = batchFirst ? y.get(0) : net.ops.transpose(y.get(0), 2, 0, 1, 3);
    Value last = batchFirst ? y.get(1) : net.ops.transpose(y.get(1), SWAPPED);
    return net.output(net.ops.add(all, net.ops.unsqueeze(last, 1)));
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 4", "GRU, 3", "RNN, 1"})
  void computesWhatTheOtherLayoutComputes(String operator, int gates) {
    Model first = model(operator, gates, false);
    Model turned = WorkingCopy.of(model(operator, gates, true), Net.ENGINE).model();
    Tensor x = new Net().tensor(2, 5, 3);
    Tensor expected = Net.run(first, first.graph().outputs().get(0), Map.of("x", x));
    Tensor found = Net.run(turned, turned.graph().outputs().get(0), Map.of("x", x));
    assertEquals(expected.shape(), found.shape());
    assertEquals(0, Batches.difference(expected, found), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 4", "GRU, 3", "RNN, 1"})
  void trains(String operator, int gates) {
    WorkingCopy copy = WorkingCopy.of(model(operator, gates, true), Net.ENGINE);
    TrainingOptions options = TrainingOptions.training(LossOptions.distilled(1));
    TrainingGraph training = TrainingGraphs.derive(copy, options, Net.ENGINE);
    List<Value> weights = training.weights().stream().map(TrainingInputs.Weight::input).toList();
    var gradients =
        Backward.of(
            training.model().graph(), training.loss(), weights, Net.ENGINE.types(training.model()));
    assertEquals(List.of(), gradients.refusals());
    assertEquals(2, gradients.of().size());
  }
}
