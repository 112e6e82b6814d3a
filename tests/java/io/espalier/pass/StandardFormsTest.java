package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.gradient.Backward;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StandardFormsTest {
  private static final double ROUNDING = 3e-6;

  static Stream<UpgradeCase> cases() {
    return StandardFormCases.all();
  }

  private static Model standard(Model model) {
    Model after = ModelCopy.of(model).model();
    PassResult result = new StandardForms(Net.ENGINE.types(after)).run(after);
    assertEquals(List.of(), result.refusals());
    assertEquals(1, result.changes());
    return after;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesTheSame(UpgradeCase of) {
    Model before = of.model();
    Model after = standard(before);
    assertTrue(after.graph().nodes().stream().map(Node::operator).noneMatch(StandardFormsTest::is));
    Map<Value, Tensor> expected =
        Net.ENGINE.evaluate(before, of.feeds(before), before.graph().outputs());
    Map<Value, Tensor> found = Net.ENGINE.evaluate(after, of.feeds(after), after.graph().outputs());
    for (int i = 0; i < of.outputs; i++) {
      Tensor wanted = expected.get(before.graph().outputs().get(i));
      Tensor got = found.get(after.graph().outputs().get(i));
      assertTrue(wanted != null || i > 0);
      if (wanted != null) { // onnxruntime computes some outputs only where it fuses
        assertEquals(0, Batches.difference(wanted, got), ROUNDING);
      }
    }
  }

  private static boolean is(OperatorId operator) {
    return StandardForms.all().containsKey(operator.toString());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasGradients(UpgradeCase of) {
    Model model = standard(of.model());
    List<Value> floats = new ArrayList<>();
    for (Value input : model.graph().inputs()) {
      if (input.type().orElseThrow().dataType() == DataType.FLOAT) {
        floats.add(input);
      }
    }
    Value y = model.graph().outputs().get(0);
    if (of.operator.endsWith("QuantizeLinear") || floats.isEmpty()) {
      return;
    }
    Value loss = new Ops(model.graph()).call("ReduceSum", Map.of("keepdims", Attribute.of(0)), y);
    var gradients = Backward.of(model.graph(), loss, floats, Net.ENGINE.types(model));
    Set<String> unused = new TreeSet<>();
    gradients.refusals().stream()
        .filter(refusal -> !refusal.reason().equals("the loss does not depend on it"))
        .forEach(refusal -> unused.add(refusal.toString()));
    assertEquals(Set.of(), unused);
  }

  @Test
  void namesWhatHasNoStandardForm() {
    StandardFormCases.refused()
        .forEach(
            of -> {
              Model model = of.model();
              PassResult result = new StandardForms(Types.declared()).run(model);
              assertEquals(1, result.refusals().size(), of::toString);
              assertEquals(
                  "node node ("
                      + model.graph().nodes().get(model.graph().nodes().size() - 1).opType()
                      + ")",
                  result.refusals().get(0).where());
            });
  }

  @Test
  void everyFormHasACase() {
    Set<String> forms = new TreeSet<>(StandardForms.all().keySet());
    cases().forEach(of -> forms.remove(of.operator));
    assertEquals(Set.of(), forms);
  }
}
