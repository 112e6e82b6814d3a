package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Node;
import io.espalier.graph.Value;
import java.util.List;
import java.util.stream.IntStream;

/** Makes one transpose, or none, of two that follow each other. */
final class TransposePairs {
  private TransposePairs() {}

  static void merge(Graph graph) {
    for (Node node : List.copyOf(graph.nodes())) {
      Node before = transpose(node) ? node.inputs().get(0).producer().orElse(null) : null;
      if (before != null && transpose(before)) {
        merge(node, before);
      }
    }
    List<Node> nodes = List.copyOf(graph.nodes());
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (transpose(node) && isUnused(node.outputs().get(0))) {
        graph.remove(node);
      }
    }
  }

  private static boolean transpose(Node node) {
    return node.is("Transpose") && node.intsAttribute("perm").isPresent();
  }

  private static boolean isUnused(Value value) {
    return value.uses().isEmpty() && !value.isGraphOutput();
  }

  private static void merge(Node node, Node before) {
    List<Long> first = before.intsAttribute("perm").orElseThrow();
    long[] both =
        node.intsAttribute("perm").orElseThrow().stream()
            .mapToLong(axis -> first.get(Math.toIntExact(axis)))
            .toArray();
    Value source = before.inputs().get(0);
    Value result = node.outputs().get(0);
    boolean nothing = IntStream.range(0, both.length).allMatch(axis -> both[axis] == axis);
    if (nothing && !result.isGraphOutput()) {
      result.replaceUsesWith(source);
    } else {
      node.setInput(0, source);
      node.setAttribute("perm", Attribute.of(both));
    }
  }
}
