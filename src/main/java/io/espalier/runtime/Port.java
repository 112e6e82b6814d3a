package io.espalier.runtime;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An input or an output of a session.
 *
 * @param dataType of the elements; {@link DataType#UNDEFINED} unless this is a tensor
 * @param dims onnxruntime shows a tensor of unknown rank as a scalar: no dimensions
 */
public record Port(String name, Kind kind, DataType dataType, List<Dim> dims) {
  /** What flows through a port. */
  public enum Kind {
    TENSOR,
    SEQUENCE,
    MAP,
    /** Of a type that onnxruntime's Java interface does not describe: optional, sparse. */
    OTHER
  }

  public Port {
    dims = List.copyOf(dims);
  }

  public boolean isTensor() {
    return kind == Kind.TENSOR;
  }

  /** The type of a tensor's port, for those who fit data to it. */
  public TensorType type() {
    return new TensorType(dataType, Optional.of(dims));
  }

  /** As in {@code input: float[N,1,28,28]}. */
  @Override
  public String toString() {
    return name
        + ": "
        + (isTensor()
            ? dataType + dims.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]"))
            : kind.name().toLowerCase(java.util.Locale.ROOT));
  }
}
