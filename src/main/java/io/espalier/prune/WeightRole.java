package io.espalier.prune;

import io.espalier.graph.Attribute;
import io.espalier.graph.Node;
import java.util.Optional;

/**
 * What an operator does with a weight in one of its input slots.
 *
 * @param table whether rows are looked up in it, which is no multiplication
 * @param inputAxis the axis, of the value in the slot, along which products are summed
 * @param columnsFrom the first axis of the columns of its matrix; the rows are those before
 */
record WeightRole(int slot, boolean table, AxisRule inputAxis, AxisRule columnsFrom) {

  /** An axis of the value of rank {@code rank} that is a node's weight; negative if unknown. */
  @FunctionalInterface
  interface AxisRule {
    int axis(Node node, int rank);

    /** The same axis for every node and rank. */
    static AxisRule fixed(int axis) {
      return (node, rank) -> axis;
    }

    /** Counted from the last axis, which is 1. */
    static AxisRule fromLast(int distance) {
      return (node, rank) -> rank - distance;
    }

    /** Of a matrix, {@code plain} from the last, or the other one if the attribute is not 0. */
    static AxisRule transposable(String attribute, int plain) {
      return (node, rank) ->
          flag(node, attribute).map(swapped -> rank - (swapped ? 3 - plain : plain)).orElse(-1);
    }

    private static Optional<Boolean> flag(Node node, String attribute) {
      Attribute value = node.attributes().get(attribute);
      if (value == null) {
        return Optional.of(false);
      }
      return value instanceof Attribute.IntAttribute number
          ? Optional.of(number.value() != 0)
          : Optional.empty();
    }
  }

  static WeightRole weight(int slot, AxisRule inputAxis, AxisRule columnsFrom) {
    return new WeightRole(slot, false, inputAxis, columnsFrom);
  }

  /** A matrix in the last two axes. */
  static WeightRole matrix(int slot, AxisRule inputAxis) {
    return weight(slot, inputAxis, AxisRule.fromLast(1));
  }

  static WeightRole tableOfRows(int slot) {
    return new WeightRole(slot, true, AxisRule.fixed(-1), AxisRule.fromLast(1));
  }
}
