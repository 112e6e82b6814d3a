package io.espalier.pass;

import static java.util.Map.entry;

import io.espalier.graph.DataType;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Operators that the standard has under the same name, or nearly, and that move elements. */
final class MovingForms {
  static final Map<String, StandardForm> FORMS =
      Map.ofEntries(
          entry("RotaryEmbedding", RotaryForm::standard),
          entry("com.microsoft.DequantizeLinear", MovingForms::same),
          entry("com.microsoft.ExpandDims", MovingForms::expandDims),
          entry("com.microsoft.GatherND", MovingForms::same),
          entry("com.microsoft.Pad", MovingForms::pad),
          entry("com.microsoft.QuantizeLinear", MovingForms::same),
          entry("com.microsoft.RotaryEmbedding", RotaryForm::emit),
          entry("com.microsoft.Trilu", MovingForms::same));

  private MovingForms() {}

  private static List<Value> same(Upgrade u, Ops ops) {
    Value[] inputs = u.node().inputs().toArray(Value[]::new);
    return ops.call(OperatorId.of(u.node().opType()), u.node().attributes(), 1, inputs);
  }

  private static List<Value> expandDims(Upgrade u, Ops ops) {
    Value axis = ops.reshape(ops.cast(u.input(1), DataType.INT64), 1);
    return List.of(ops.call("Unsqueeze", u.x(), axis));
  }

  /** The pads may be a matrix of one row. */
  private static List<Value> pad(Upgrade u, Ops ops) {
    Value[] inputs = u.node().inputs().toArray(Value[]::new);
    inputs[1] = ops.reshape(inputs[1], -1);
    return List.of(ops.call("Pad", u.node().attributes(), inputs));
  }
}
