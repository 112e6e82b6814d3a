package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Value;
import java.util.Arrays;

/**
 * What flows between layers.
 *
 * @param value what computes it
 * @param dims its dimensions as Keras has them, -1 where not known
 * @param layout how the value's elements lie, as against Keras' tensor
 * @param mask boolean [batch, steps], which steps count; null: all
 */
record KerasTensor(Value value, DataType type, long[] dims, Layout layout, Value mask) {

  static KerasTensor plain(Value value, DataType type, long... dims) {
    return new KerasTensor(value, type, dims, Layout.plain(dims.length), null);
  }

  int rank() {
    return dims.length;
  }

  /** A dimension; negative axes count from the end. */
  long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  long lastDim() {
    return dims[dims.length - 1];
  }

  /** Whether all dimensions but the batch are known. */
  boolean isKnown() {
    return Arrays.stream(dims).skip(1).allMatch(dim -> dim >= 0);
  }

  /** Another value of the same dimensions and layout. */
  KerasTensor with(Value other) {
    return new KerasTensor(other, type, dims, layout, mask);
  }

  KerasTensor withType(Value other, DataType newType) {
    return new KerasTensor(other, newType, dims, layout, mask);
  }

  KerasTensor withMask(Value newMask) {
    return new KerasTensor(value, type, dims, layout, newMask);
  }

  /** As in {@code [?, 28, 28, 1]}. */
  String shapeText() {
    return dimsText(dims);
  }

  static String dimsText(long[] dims) {
    return Arrays.toString(dims).replace("-1", "?");
  }
}
