package io.espalier.pass;

import static io.espalier.pass.OperatorChange.since;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;

/** Normalizations, and Dropout. */
final class NormUpgrades {
  private static final int OUTPUTS_WITH_SAVED_STATISTICS = 5;

  static final List<OperatorChange> CHANGES =
      List.of(
          since(7, "BatchNormalization", u -> u.node().removeAttribute("is_test")),
          since(9, "BatchNormalization", NormUpgrades::spatial),
          since(14, "BatchNormalization", NormUpgrades::statistics),
          since(7, "Dropout", u -> u.node().removeAttribute("is_test")),
          since(10, "Dropout", NormUpgrades::mask),
          since(12, "Dropout", NormUpgrades::ratio),
          since(9, "MeanVarianceNormalization", NormUpgrades::meanVariance),
          since(21, "GroupNormalization", NormUpgrades::perChannel));

  private NormUpgrades() {}

  private static void spatial(Upgrade u) {
    if (u.takeInt("spatial", 1) == 0) {
      throw u.refuse("statistics for each element (spatial = 0) have no counterpart");
    }
  }

  /** Statistics were outputs of training; inference had none. */
  private static void statistics(Upgrade u) {
    List<Value> outputs = u.node().outputs();
    if (outputs.size() > OUTPUTS_WITH_SAVED_STATISTICS) {
      throw u.refuse("expected at most 5 outputs");
    }
    dropOutputs(u, "its statistics are used");
  }

  /** Leaves the node its first output. */
  private static void dropOutputs(Upgrade u, String reason) {
    List<Value> outputs = u.node().outputs();
    for (Value output : outputs.subList(1, outputs.size())) {
      if (output != null && (!output.uses().isEmpty() || output.isGraphOutput())) {
        throw u.refuse(reason);
      }
    }
    if (outputs.size() > 1) {
      var attributes = List.copyOf(u.node().attributes().entrySet());
      u.become(u.node().opType(), outputs.subList(0, 1), u.node().inputs().toArray(Value[]::new));
      attributes.forEach(entry -> u.node().setAttribute(entry.getKey(), entry.getValue()));
    }
  }

  /** The mask was of the type of the data, and is boolean now. */
  private static void mask(Upgrade u) {
    dropOutputs(u, "its mask is used");
  }

  private static void ratio(Upgrade u) {
    if (u.has("ratio")) {
      u.setInput(1, u.ops().scalar(DataType.FLOAT, u.takeFloat("ratio", 0.5f)));
    }
  }

  private static void meanVariance(Upgrade u) {
    boolean acrossChannels = u.takeInt("across_channels", 0) != 0;
    if (u.takeInt("normalize_variance", 1) == 0) {
      throw u.refuse("a mean without a variance has no counterpart");
    }
    u.node()
        .setAttribute("axes", acrossChannels ? Attribute.of(0, 1, 2, 3) : Attribute.of(0, 2, 3));
  }

  /** Scale and bias were one number per group, and are one per channel now. */
  private static void perChannel(Upgrade u) {
    Ops ops = u.ops();
    Value groups = ops.ints(u.node().intAttribute("num_groups", 1));
    Value channels = ops.div(ops.shape(u.x(), 1, 2), groups);
    Value grid = ops.concat(0, List.of(groups, channels));
    for (int slot = 1; slot <= 2; slot++) {
      Value column = ops.unsqueeze(u.input(slot), 1);
      u.setInput(slot, ops.reshape(ops.expand(column, grid), -1));
    }
  }
}
