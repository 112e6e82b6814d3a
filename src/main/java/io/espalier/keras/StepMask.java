package io.espalier.keras;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * Steps that count, in an order that recurrent operators understand: those to the front, and how
 * many they are. Keras leaves the states alone at the other steps, wherever they lie.
 *
 * @param mask boolean [batch, steps]
 * @param places int64 [batch, steps]: how many steps up to here count
 * @param lengths int32 [batch]: how many count
 * @param sources int64 [batch, steps]: the step that comes at each place
 */
record StepMask(Ops ops, Value mask, Value places, Value lengths, Value sources) {

  static StepMask of(Ops ops, Value given, boolean backwards) {
    Value mask = backwards ? reversed(ops, given, 1) : given;
    Value ones = ops.cast(mask, DataType.INT64);
    Value places = ops.call("CumSum", ones, ops.scalar(DataType.INT64, 1));
    Value lengths = ops.cast(ops.reduceSum(ones, new long[] {1}, false), DataType.INT32);
    Value steps = ops.squeeze(ops.shape(mask, 1, 2), 0);
    Value one = ops.scalar(DataType.INT64, 1);
    Value zero = ops.scalar(DataType.INT64, 0);
    Value numbers = ops.expand(ops.range(zero, steps, one), ops.shape(mask));
    Value targets = ops.where(mask, ops.sub(places, one), steps);
    Value room =
        ops.filled(
            ops.concat(
                0, java.util.List.of(ops.shape(mask, 0, 1), ops.unsqueeze(ops.add(steps, one), 0))),
            DataType.INT64,
            0);
    Value scattered =
        ops.call("ScatterElements", Map.of("axis", Attribute.of(1)), room, targets, numbers);
    Value sources =
        ops.slice(scattered, new long[] {0}, new long[] {-1}, new long[] {1}, new long[] {1});
    return new StepMask(ops, mask, places, lengths, sources);
  }

  /** {@code x} with an axis in reverse. */
  static Value reversed(Ops ops, Value x, int axis) {
    return ops.slice(
        x, new long[] {-1}, new long[] {-Integer.MAX_VALUE}, new long[] {axis}, new long[] {-1});
  }

  /** The steps that count to the front; {@code x} is [batch, steps, features]. */
  Value compacted(Value x) {
    return gathered(x, sources);
  }

  /** Results of compacted steps at the places they came from. */
  Value spread(Value results, DataType type, boolean zeroWhereMasked) {
    Value one = ops.scalar(DataType.INT64, 1);
    Value zero = ops.scalar(DataType.INT64, 0);
    Value last = ops.call("Max", ops.sub(places, one), zero);
    Value kept = zeroWhereMasked ? mask : ops.greater(places, zero);
    return ops.mul(gathered(results, last), ops.unsqueeze(ops.cast(kept, type), 2));
  }

  private Value gathered(Value x, Value indices) {
    return ops.call(
        "GatherND", Map.of("batch_dims", Attribute.of(1)), x, ops.unsqueeze(indices, 2));
  }
}
