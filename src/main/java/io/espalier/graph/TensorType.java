package io.espalier.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The declared type of a value that is a tensor.
 *
 * @param dims absent when the rank is unknown, which is not the same as a scalar's empty list
 */
public record TensorType(DataType dataType, Optional<List<Dim>> dims) {
  public TensorType {
    dims = dims.map(List::copyOf);
  }

  /** The type of a constant. */
  public static TensorType of(Tensor tensor) {
    List<Dim> dims = Arrays.stream(tensor.shape().dims()).<Dim>mapToObj(Dim.Known::new).toList();
    return new TensorType(tensor.dataType(), Optional.of(dims));
  }

  /** As in {@code float[N,1,28,28]}. */
  @Override
  public String toString() {
    return dims.map(
            known ->
                dataType
                    + known.stream().map(Dim::toString).collect(Collectors.joining(",", "[", "]")))
        .orElse(dataType + "[...]");
  }
}
