package io.espalier.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.espalier.gradient.GradientRules;
import io.espalier.graph.OperatorId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/operators.md true: {@code -Dgolden.update} writes it. The operators of ONNX are listed
 * by tools/list_operators.py.
 */
class OperatorsPageTest {
  private static final Path LIST = Path.of("tests/resources/onnx-operators.txt");
  private static final Path PAGE = Path.of("docs/operators.md");

  /** What happens to operators before gradients are asked for. */
  private static final Map<String, String> BEFORE =
      Map.of(
          "If", "trains, as the branch it takes, or as both where that is not known",
          "Loop", "no rule",
          "Scan", "no rule",
          "Scatter", "trains, as ScatterElements",
          "Upsample", "trains, as Resize");

  private static final Set<String> STRAIGHT_THROUGH = Set.of("DequantizeLinear", "QuantizeLinear");

  private static String state(String operator) {
    if (BEFORE.containsKey(operator)) {
      return BEFORE.get(operator);
    }
    if (GradientRules.of(OperatorId.of(operator)).isPresent()) {
      return STRAIGHT_THROUGH.contains(operator) ? "passes through" : "trains";
    }
    if (StandardForms.all().containsKey(operator)) {
      return "trains, written in simpler operators";
    }
    return GradientRules.NOT_DIFFERENTIABLE.contains(operator) ? "not differentiable" : "no rule";
  }

  @Test
  void listsEveryOperator() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    StringBuilder rows = new StringBuilder("| operator | since opset | |\n|---|---|---|\n");
    for (String line : Files.readAllLines(LIST)) {
      List<String> words = List.of(line.split(" "));
      String state = state(words.get(0));
      counts.merge(state.split("[ ,]")[0].equals("trains") ? "trains" : state, 1, Integer::sum);
      rows.append("| %s | %s | %s |\n".formatted(words.get(0), words.get(1), state));
    }
    String page =
        """
        # What trains

        Written by `OperatorsPageTest` (`-Dgolden.update`) from the tables of `io.espalier.gradient`.

        * **trains**: it has a gradient rule, checked against finite differences;
        * **passes through**: it has steps and no slope, its gradient is taken for that of the identity
          (quantization; scales stay as they are);
        * **not differentiable**: its result does not depend on its float inputs, or only in steps: the
          gradient is zero. Where weights reach the loss through Ceil, Floor, Round or Sign and on no
          other way, these pass the gradient on as the identity does, and the report says so;
        * **no rule**: the node and the weights behind it stay as they are, and the report names them.

        Of the %d operators that ONNX has up to opset 21: %s.

        """
            .formatted(
                counts.values().stream().mapToInt(Integer::intValue).sum(),
                String.join(
                    ", ",
                    counts.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .toList()));
    check(page + rows + "\n" + others());
  }

  private static String others() {
    return """
        Operators of other domains train where standard operators are put in their place;
        so do some operators that onnxruntime adds to ONNX's own:

        %s
        """
        .formatted(String.join(", ", StandardForms.all().keySet()));
  }

  private static void check(String text) throws IOException {
    if (System.getProperty("golden.update") != null) {
      Files.writeString(PAGE, text);
    }
    assertEquals(Files.readString(PAGE), text, PAGE.toString());
  }
}
