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
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The gradient of {@code Einsum}: an operand and the output change places. With ij,jk-&gt;ik, dA =
 * ik,jk-&gt;ij of dY and B.
 */
final class EinsumGradients {
  static final Map<String, GradientRule> RULES =
      Map.ofEntries(entry("Einsum", GradientRule.together(EinsumGradients::einsum)));

  private static final String ELLIPSIS = "...";
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  private EinsumGradients() {}

  private static List<Value> einsum(GradientContext g, Ops ops) {
    String equation = g.node().stringAttribute("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    List<String> terms =
        Arrays.asList((arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1));
    String output = arrow < 0 ? implied(terms) : equation.substring(arrow + 2);
    boolean ellipsis = equation.contains(ELLIPSIS);
    if (ellipsis) {
      output = spelledOut(g, equation, output, g.y());
      for (int i = 0; i < terms.size(); i++) {
        terms.set(i, spelledOut(g, equation, terms.get(i), g.x(i)));
      }
    }
    List<Value> gradients = new ArrayList<>();
    for (int i = 0; i < terms.size(); i++) {
      Value gradient = g.wants(i) ? operand(g, ops, terms, output, i) : null;
      boolean repeated = gradient != null && ellipsis;
      gradients.add(repeated ? g.sumTo(gradient, Optional.empty(), g.x(i)) : gradient);
    }
    return gradients;
  }

  /** A term with letters that the equation does not use in the place of its ellipsis. */
  private static String spelledOut(GradientContext g, String equation, String term, Value value) {
    if (!term.contains(ELLIPSIS)) {
      return term;
    }
    String free =
        LETTERS
            .chars()
            .filter(letter -> equation.indexOf(letter) < 0)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    int count = g.rank(value) - (term.length() - ELLIPSIS.length());
    if (count > free.length()) {
      throw g.refuse("its equation leaves no letters for the ellipsis");
    }
    return term.replace(ELLIPSIS, free.substring(free.length() - count));
  }

  /** Without an arrow, the indices that occur once, in the order of the alphabet. */
  private static String implied(List<String> terms) {
    Map<Character, Integer> counts = new TreeMap<>();
    terms.forEach(
        term ->
            term.replace(ELLIPSIS, "")
                .chars()
                .forEach(c -> counts.merge((char) c, 1, Integer::sum)));
    boolean ellipsis = terms.stream().anyMatch(term -> term.contains(ELLIPSIS));
    StringBuilder once = new StringBuilder(ellipsis ? ELLIPSIS : "");
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
