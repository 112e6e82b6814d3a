package io.espalier.runtime;

import io.espalier.graph.Shape;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;

/** Values that meet a {@link Demand}. */
final class Demands {
  private static final int FEW = 4;

  private Demands() {}

  /** The elements of a tensor of {@code shape}; {@code length} as for {@link Demand#LENGTH}. */
  static IntToDoubleFunction rule(
      Set<Demand> demands, Shape shape, long length, SplittableRandom random) {
    if (demands.contains(Demand.FEW) && demands.contains(Demand.HALF)) {
      return i -> i == 0 ? FEW : 0.4; // the settings of a suppression of boxes in one input
    }
    return rule(demands.iterator().next(), shape, length, random);
  }

  private static IntToDoubleFunction rule(
      Demand demand, Shape shape, long length, SplittableRandom random) {
    return switch (demand) {
      case SHAPE -> i -> i == shape.elements() - 1 ? -1 : 1;
      case AXES -> i -> i;
      case ZERO, FALSE -> i -> 0;
      case ONE, TRUE -> i -> 1;
      case TWO -> i -> 2;
      case END -> i -> Integer.MAX_VALUE;
      case FEW -> i -> FEW;
      case HALF -> i -> 0.5;
      case MINUS_ONE -> i -> -1;
      case SMALL -> i -> 0.05;
      case POSITIVE -> i -> 0.1 + random.nextDouble();
      case UNIT -> i -> 2 * random.nextDouble() - 1;
      case LENGTH -> i -> Math.max(1, length);
    };
  }
}
