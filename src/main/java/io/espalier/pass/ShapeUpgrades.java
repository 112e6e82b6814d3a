package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Operators that copy, move or convert elements, and those that work along an axis. */
final class ShapeUpgrades {
  static final List<OperatorChange> CHANGES =
      List.of(
          since(4, "Concat", ShapeUpgrades::concatAxis),
          since(6, "Cast", ShapeUpgrades::castTarget),
          since(6, "Tile", u -> refuse(u, "tiles along one axis")),
          since(7, "RNN", ShapeUpgrades::recurrent),
          since(7, "LSTM", ShapeUpgrades::recurrent),
          since(7, "GRU", ShapeUpgrades::recurrent),
          since(9, "Scan", u -> refuse(u, "a scan over a batch")),
          since(11, "Scatter", u -> rename(u, "ScatterElements")),
          since(13, "Softmax", ShapeUpgrades::flattened),
          since(13, "LogSoftmax", ShapeUpgrades::flattened),
          since(13, "Hardmax", ShapeUpgrades::flattened));

  private ShapeUpgrades() {}

  private static void refuse(Upgrade u, String what) {
    throw u.refuse("its old form, " + what + ", has no counterpart");
  }

  private static void concatAxis(Upgrade u) {
    if (!u.has("axis")) {
      u.node().setAttribute("axis", Attribute.of(1));
    }
  }

  private static void castTarget(Upgrade u) {
    String to = u.node().stringAttribute("to", "");
    try {
      DataType type = DataType.valueOf(to.toUpperCase(Locale.ROOT));
      u.node().setAttribute("to", Attribute.of(type.code()));
    } catch (IllegalArgumentException e) {
      throw u.refuse("unknown type '" + to + "'");
    }
  }

  private static void recurrent(Upgrade u) {
    u.node().removeAttribute("output_sequence");
  }

  /** The same operator under another name. */
  static void rename(Upgrade u, String operator) {
    Map<String, Attribute> attributes = Map.copyOf(u.node().attributes());
    u.become(operator, u.node().inputs().toArray(Value[]::new));
    attributes.forEach(u.node()::setAttribute);
  }

  /**
   * Before opset 13 these operators worked on a matrix: all axes from {@code axis} on were one.
   * That is a single axis where no other one of them has more than one element.
   */
  private static void flattened(Upgrade u) {
    long axis = u.node().intAttribute("axis", 1);
    if (u.knowsRank(u.x())) {
      int rank = u.rank(u.x());
      axis = axis < 0 ? axis + rank : axis;
      if (axis == rank - 1) {
        u.node().setAttribute("axis", Attribute.of(axis));
        return;
      }
    } else if (axis == -1) {
      u.node().setAttribute("axis", Attribute.of(-1));
      return;
    }
    Value x = u.x();
    Value shape = u.ops().shape(x);
    Value matrix = u.ops().call("Flatten", Map.of("axis", Attribute.of(axis)), x);
    Value result = u.ops().call(u.node().opType(), Map.of("axis", Attribute.of(1)), matrix);
    u.become("Reshape", result, shape);
  }
}
