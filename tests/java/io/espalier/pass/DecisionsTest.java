package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecisionsTest {
  private final Net net = new Net();

  private Value scores(String name) {
    Value scores = net.ops.matMul(net.graph.find("x").orElseThrow(), net.weight(name, 3, 4));
    net.graph.rename(scores, name + ".scores");
    return scores;
  }

  private Value best(Value scores) {
    return net.ops.call("ArgMax", Map.of("axis", Attribute.of(1)), scores);
  }

  private static List<String> taught(Model model) {
    WorkingCopy copy = WorkingCopy.of(model, Net.ENGINE);
    TrainingOptions options = TrainingOptions.training(LossOptions.distilled(1));
    TrainingGraph training = TrainingGraphs.derive(copy, options, Net.ENGINE);
    assertEquals(
        training.teachers().keySet(), TrainingGraphs.teacher(copy, Net.ENGINE).outputs().keySet());
    return List.copyOf(training.teachers().keySet());
  }

  @Test
  void scoresBehindJoinedChoicesAreTaught() {
    net.x(0, 3);
    Value log = net.ops.log(net.softmax(scores("v"), 1));
    net.graph.rename(log, "v.log");
    Model model = net.output(net.ops.concat(1, List.of(best(scores("w")), best(log))));
    assertEquals(List.of("v.log", "w.scores"), taught(model).stream().sorted().toList());
  }

  @Test
  void scoresBehindAThresholdAreTaught() {
    net.x(0, 3);
    Value above = net.ops.greater(scores("w"), net.ops.scalar(DataType.FLOAT, 0.5));
    assertEquals(List.of("w.scores"), taught(net.output(net.ops.cast(above, DataType.INT64))));
  }

  @Test
  void scoresThatAreAnOutputAreTaughtOnce() {
    net.x(0, 3);
    Value scores = scores("w");
    net.graph.addOutput(scores);
    assertEquals(List.of("w.scores"), taught(net.output(best(scores))));
  }

  @Test
  void targetsNeedAnOutputOfNumbers() {
    net.x(0, 3);
    WorkingCopy copy = WorkingCopy.of(net.output(best(scores("w"))), Net.ENGINE);
    TrainingOptions options = TrainingOptions.training(LossOptions.of(LossKind.LABELS));
    assertThrows(
        UnsupportedModelException.class, () -> TrainingGraphs.derive(copy, options, Net.ENGINE));
  }
}
