package io.espalier.runtime;

import io.espalier.graph.Attribute;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import java.util.Set;

/** Operators whose outputs differ from run to run. */
final class RandomOps {
  private static final Set<String> DRAWING =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli");

  private RandomOps() {}

  static boolean in(Model model) {
    boolean[] found = new boolean[1];
    model.forEachGraph(graph -> found[0] |= graph.nodes().stream().anyMatch(RandomOps::draws));
    return found[0];
  }

  private static boolean draws(Node node) {
    return node.operator().domain().isEmpty() && DRAWING.contains(node.opType()) || trains(node);
  }

  /** Whether this is a {@code Dropout} that may be in training mode. */
  private static boolean trains(Node node) {
    boolean old =
        node.attributes().get("is_test") instanceof Attribute.IntAttribute test
            && test.value() == 0;
    return node.is("Dropout") && (old || node.input(2).isPresent());
  }
}
