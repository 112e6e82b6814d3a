package io.espalier.gradient;

import static java.util.Map.entry;

import io.espalier.graph.Attribute;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The gradient of {@code Einsum}: an operand and the output change places. With ij,jk-&gt;ik, dA =
 * ik,jk-&gt;ij of dY and B.
 */
final class EinsumGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(entry("Einsum", GradientRule.together(EinsumGradients::einsum)));

  private EinsumGradients() {}

  private static List<Value> einsum(GradientContext g, Ops ops) {
    String equation = g.node().stringAttribute("equation", "").replace(" ", "");
    if (equation.contains("...")) {
      throw g.refuse("its equation has an ellipsis");
    }
    int arrow = equation.indexOf("->");
    List<String> terms =
        Arrays.asList((arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1));
    String output = arrow < 0 ? implied(terms) : equation.substring(arrow + 2);
    List<Value> gradients = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      gradients.add(g.wants(i) ? operand(g, ops, terms, output, i) : null);
    }
    return gradients;
  }

  /** Without an arrow, the indices that occur once, in the order of the alphabet. */
  private static String implied(List<String> terms) {
    Map<Character, Integer> counts = new TreeMap<>();
    terms.forEach(term -> term.chars().forEach(c -> counts.merge((char) c, 1, Integer::sum)));
    StringBuilder once = new StringBuilder();
    counts.forEach((index, count) -> once.append(count == 1 ? String.valueOf(index) : ""));
    return once.toString();
  }

  private static Value operand(
      GradientContext g, Ops ops, List<String> terms, String output, int operand) {
    List<String> from = new ArrayList<>(terms);
    List<Value> values = new ArrayList<>(g.node().inputs());
    from.set(operand, output);
    values.set(operand, g.dy());
    String wanted = terms.get(operand);
    if (wanted.chars().distinct().count() < wanted.length()) {
      throw g.refuse("its equation takes a diagonal");
    }
    StringBuilder summedAway = new StringBuilder();
    wanted
        .chars()
        .filter(index -> from.stream().noneMatch(term -> term.indexOf(index) >= 0))
        .forEach(index -> summedAway.append((char) index));
    if (summedAway.length() > 0) {
      // an index that only this operand has: its gradient is the same all along that axis
      List<Value> sizes = new ArrayList<>();
      for (char index : summedAway.toString().toCharArray()) {
        int axis = wanted.indexOf(index);
        sizes.add(ops.shape(g.x(operand), axis, axis + 1));
      }
      from.add(summedAway.toString());
      values.add(ops.filled(ops.concat(0, sizes), g.dataType(), 1));
    }
    String equation = String.join(",", from) + "->" + wanted;
    return ops.call(
            OperatorId.of("Einsum"),
            Map.of("equation", Attribute.of(equation)),
            1,
            values.toArray(Value[]::new))
        .get(0);
  }
}
