package io.espalier.pipeline;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** In what two nodes of one name differ. Subgraphs are left out: their nodes have names too. */
final class NodeDifference {
  private NodeDifference() {}

  /** What is not alike, a phrase each: {@code inputs}, {@code attribute group}. */
  static List<String> of(Node a, Node b) {
    List<String> found = new ArrayList<>();
    if (!a.operator().equals(b.operator())) {
      found.add("operator " + a.operator() + " -> " + b.operator());
    }
    if (!names(a.inputs()).equals(names(b.inputs()))) {
      found.add("inputs");
    }
    if (!names(a.outputs()).equals(names(b.outputs()))) {
      found.add("outputs");
    }
    Set<String> attributes = new TreeSet<>(a.attributes().keySet());
    attributes.addAll(b.attributes().keySet());
    for (String attribute : attributes) {
      if (!same(a.attributes().get(attribute), b.attributes().get(attribute))) {
        found.add("attribute " + attribute);
      }
    }
    return found;
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(value -> value == null ? "" : value.name()).toList();
  }

  private static boolean same(Attribute a, Attribute b) {
    if (a == null || b == null || a.getClass() != b.getClass()) {
      return false;
    }
    if (a instanceof Attribute.TensorAttribute one) {
      return same(one.value(), ((Attribute.TensorAttribute) b).value());
    }
    if (a instanceof Attribute.TensorsAttribute many) {
      return same(many.value(), ((Attribute.TensorsAttribute) b).value());
    }
    boolean graphs =
        a instanceof Attribute.GraphAttribute || a instanceof Attribute.GraphsAttribute;
    return graphs || a.equals(b);
  }

  private static boolean same(List<Tensor> a, List<Tensor> b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same = same(a.get(i), b.get(i));
    }
    return same;
  }

  private static boolean same(Tensor a, Tensor b) {
    return TensorDifference.of(a, b).same();
  }
}
