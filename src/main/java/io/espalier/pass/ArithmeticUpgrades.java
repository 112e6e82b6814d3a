package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.Attribute;
import io.espalier.graph.Value;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Operators on elements, and those that broadcast. */
final class ArithmeticUpgrades {
  static final List<OperatorChange> CHANGES =
      Stream.concat(
              Stream.of(
                      "Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub",
                      "Xor")
                  .map(operator -> since(7, operator, ArithmeticUpgrades::broadcast)),
              Stream.of(
                  since(6, "Selu", ArithmeticUpgrades::selu),
                  since(7, "Gemm", u -> u.takeInt("broadcast", 0)),
                  since(7, "PRelu", ArithmeticUpgrades::slopePerChannel)))
          .toList();

  private ArithmeticUpgrades() {}

  /** Numpy's broadcasting needs the axes behind those of the second operand, each of size 1. */
  private static void broadcast(Upgrade u) {
    boolean broadcasts = u.takeInt("broadcast", 0) != 0;
    if (!broadcasts || !u.has("axis")) {
      u.node().removeAttribute("axis");
      return;
    }
    long axis = u.takeInt("axis", 0);
    int rank = u.rank(u.x());
    int second = u.rank(u.input(1));
    long behind = rank - (axis < 0 ? axis + rank : axis) - second;
    if (behind > 0) {
      u.setInput(1, u.unsqueeze(u.input(1), LongStream.range(second, second + behind).toArray()));
    }
  }

  /** One slope per channel used to be a plain vector. */
  private static void slopePerChannel(Upgrade u) {
    Value slope = u.input(1);
    if (u.rank(slope) == 1 && u.rank(u.x()) > 2) {
      u.setInput(1, u.unsqueeze(slope, LongStream.range(1, u.rank(u.x()) - 1).toArray()));
    }
  }

  private static void selu(Upgrade u) {
    u.node().setAttribute("alpha", Attribute.of(u.takeFloat("alpha", 1.6732f)));
    u.node().setAttribute("gamma", Attribute.of(u.takeFloat("gamma", 1.0507f)));
  }
}
