package io.espalier.runtime;

import io.espalier.graph.Node;
import java.util.Map;

/** What operators ask of the values in their input slots, beyond type and shape. */
enum Demand {
  /** A shape to reshape to. */
  SHAPE,
  /** 0, 1, 2, … */
  AXES,
  ZERO,
  ONE,
  TWO,
  /** Larger than any dimension. */
  END,
  /** A size of a few. */
  FEW,
  HALF,
  MINUS_ONE,
  SMALL,
  POSITIVE,
  /** In [-1, 1]. */
  UNIT,
  /** As long as the sequence. */
  LENGTH,
  TRUE,
  FALSE;

  private static final Map<String, Map<Integer, Demand>> TABLE =
      Map.ofEntries(
          Map.entry("Reshape", Map.of(1, SHAPE)),
          Map.entry("Expand", Map.of(1, ONE)),
          Map.entry("ConstantOfShape", Map.of(0, TWO)),
          Map.entry("Tile", Map.of(1, ONE, 2, ZERO)),
          Map.entry("Pad", Map.of(1, ZERO)),
          Map.entry("Slice", Map.of(1, ZERO, 2, END, 3, AXES, 4, ONE)),
          Map.entry("TopK", Map.of(1, ONE)),
          Map.entry("Range", Map.of(0, ZERO, 1, FEW, 2, ONE)),
          Map.entry("OneHot", Map.of(1, FEW)),
          Map.entry("Squeeze", Map.of(1, AXES)),
          Map.entry("Unsqueeze", Map.of(1, AXES)),
          Map.entry("Loop", Map.of(0, TWO, 1, TRUE)),
          Map.entry("Resize", Map.of(1, ONE, 2, ONE)),
          Map.entry("Upsample", Map.of(1, ONE)),
          Map.entry("NonMaxSuppression", Map.of(2, FEW, 3, HALF, 4, SMALL)),
          Map.entry("CumSum", Map.of(1, ZERO)),
          Map.entry("Trilu", Map.of(1, ZERO)),
          Map.entry("SequenceAt", Map.of(1, ZERO)),
          Map.entry("ReduceSum", Map.of(1, AXES)),
          Map.entry("ReduceMean", Map.of(1, AXES)),
          Map.entry("LSTM", Map.of(4, LENGTH, 5, ZERO, 6, ZERO)),
          Map.entry("GRU", Map.of(4, LENGTH, 5, ZERO)),
          Map.entry("RNN", Map.of(4, LENGTH, 5, ZERO)),
          Map.entry("ReverseSequence", Map.of(1, LENGTH)),
          Map.entry("BatchNormalization", Map.of(4, POSITIVE)),
          Map.entry("Sqrt", Map.of(0, POSITIVE)),
          Map.entry("Log", Map.of(0, POSITIVE)),
          Map.entry("Acosh", Map.of(0, POSITIVE)),
          Map.entry("Acos", Map.of(0, UNIT)),
          Map.entry("Asin", Map.of(0, UNIT)),
          Map.entry("Atanh", Map.of(0, UNIT)),
          Map.entry("GridSample", Map.of(1, UNIT)),
          Map.entry("Compress", Map.of(1, TRUE)),
          Map.entry("Dropout", Map.of(1, HALF, 2, FALSE)),
          Map.entry("Clip", Map.of(1, MINUS_ONE, 2, ONE)),
          Map.entry("QuantizeLinear", Map.of(1, SMALL, 2, ZERO)),
          Map.entry("DequantizeLinear", Map.of(1, SMALL, 2, ZERO)),
          Map.entry("QLinearConv", Map.of(1, SMALL, 2, ZERO, 4, SMALL, 5, ZERO, 6, SMALL, 7, ZERO)),
          Map.entry(
              "QLinearMatMul", Map.of(1, SMALL, 2, ZERO, 4, SMALL, 5, ZERO, 6, SMALL, 7, ZERO)));

  /** What {@code node} asks of its input {@code index}; null if nothing. */
  static Demand of(Node node, int index) {
    return TABLE.getOrDefault(node.opType(), Map.of()).get(index);
  }
}
