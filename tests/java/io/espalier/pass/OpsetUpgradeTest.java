package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Ops;
import io.espalier.graph.Tensor;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.runtime.OrtEngine;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpsetUpgradeTest {
  private static final Engine ENGINE = new OrtEngine();

  static Stream<UpgradeCase> cases() {
    return UpgradeCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheSameBits(UpgradeCase of) {
    for (long to = Math.max(of.opset + 1, OpsetUpgrade.OLDEST); to <= Ops.OPSET; to++) {
      givesTheSameBits(of, to);
    }
  }

  private static void givesTheSameBits(UpgradeCase of, long to) {
    Model before = of.model();
    Model after = ModelCopy.of(before, 10).model();
    Types types = types(after);
    PassResult result = new OpsetUpgrade(types, to).run(after);

    assertEquals(List.of(), result.refusals());
    assertTrue(to < Ops.OPSET || result.changes() > 0);
    assertEquals(to, after.opsets().get(""));
    assertEquals(of.opset, before.opsets().get(""));
    if (of.modern != null && result.changes() == 0) {
      return; // a form that onnxruntime does not run was not to be changed
    }
    UpgradeCase runnable = of.modern == null ? of : of.modern;
    Model known = runnable.model();
    Map<Value, Tensor> expected =
        ENGINE.evaluate(known, runnable.feeds(known), known.graph().outputs());
    Map<Value, Tensor> found = ENGINE.evaluate(after, of.feeds(after), after.graph().outputs());
    for (int i = 0; i < of.outputs; i++) {
      Tensor wanted = expected.get(known.graph().outputs().get(i));
      Tensor got = found.get(after.graph().outputs().get(i));
      assertEquals(wanted.shape(), got.shape());
      if (of.tolerance == 0) {
        assertEquals(wanted.bytes(), got.bytes());
      }
      assertEquals(0, Batches.difference(wanted, got), of.tolerance);
    }
  }

  static Stream<UpgradeCase> refused() {
    return UpgradeCases.refused();
  }

  @ParameterizedTest
  @MethodSource("refused")
  void namesWhatItCannotUpgrade(UpgradeCase of) {
    Model model = of.model();
    PassResult result = new OpsetUpgrade(types(model)).run(model);
    assertEquals(1, result.refusals().size());
    assertEquals("node node (" + of.operator + ")", result.refusals().get(0).where());
    assertEquals(of.opset, model.opsets().get(""));
  }

  @Test
  void irVersionsAreThoseOfTheTable() {
    assertEquals(3, OpsetUpgrade.irVersion(8));
    assertEquals(4, OpsetUpgrade.irVersion(9));
    assertEquals(7, OpsetUpgrade.irVersion(13));
    assertEquals(8, OpsetUpgrade.irVersion(18));
    assertEquals(9, OpsetUpgrade.irVersion(20));
    assertEquals(10, OpsetUpgrade.irVersion(Ops.OPSET));
  }

  private static Types types(Model model) {
    try {
      return ENGINE.types(model);
    } catch (ModelException e) {
      return Types.declared();
    }
  }

  @Test
  void everyChangeHasACase() {
    Set<String> changes =
        OperatorChanges.all()
            .map(change -> change.operator() + " " + change.since())
            .collect(Collectors.toCollection(TreeSet::new));
    Stream.concat(UpgradeCases.all(), UpgradeCases.refused())
        .forEach(
            of ->
                changes.removeIf(
                    change ->
                        change.startsWith(of.operator + " ")
                            && Long.parseLong(change.substring(of.operator.length() + 1))
                                > of.opset));
    assertEquals(Set.of(), changes);
  }
}
