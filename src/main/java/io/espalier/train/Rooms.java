package io.espalier.train;

import io.espalier.graph.Dim;
import io.espalier.graph.Shape;
import io.espalier.graph.TensorType;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import io.espalier.runtime.HostTensor;
import java.util.List;

/** Makes tensors for values whose shape is known but for the batch. */
final class Rooms {
  private Rooms() {}

  /**
   * A tensor for {@code batch} samples.
   *
   * @throws UnsupportedModelException if another axis than the first is not known
   */
  static HostTensor of(Value value, int batch) {
    TensorType type = value.type().orElseThrow();
    List<Dim> declared = type.dims().orElse(List.of());
    long[] dims = new long[declared.size()];
    for (int axis = 0; axis < dims.length; axis++) {
      if (declared.get(axis) instanceof Dim.Known known) {
        dims[axis] = known.size();
      } else if (axis == 0) {
        dims[axis] = batch;
      } else {
        throw new UnsupportedModelException(
            "'%s' has shape %s: expected sizes that are known but for the batch"
                .formatted(value.name(), declared));
      }
    }
    return HostTensor.of(type.dataType(), Shape.of(dims));
  }
}
