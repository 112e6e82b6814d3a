package io.espalier.graph;

import java.util.List;
import java.util.Optional;

/**
 * What is known about the types of a graph's values. Knowledge may be partial: no type, no rank, or
 * a rank with dimensions that are only named or not known at all.
 */
@FunctionalInterface
public interface Types {
  /** The type of a tensor; absent if nothing is known, or the value is not a tensor. */
  Optional<TensorType> of(Value value);

  /** What the graph itself says: the types of constants, and the declared ones. */
  static Types declared() {
    return value -> value.constant().map(TensorType::of).or(value::type);
  }

  /** These types, and where they say nothing, {@code others}. */
  default Types or(Types others) {
    return value -> of(value).or(() -> others.of(value));
  }

  default Optional<DataType> dataType(Value value) {
    return of(value).map(TensorType::dataType);
  }

  /** The dimensions; absent if the rank is unknown. */
  default Optional<List<Dim>> dims(Value value) {
    return of(value).flatMap(TensorType::dims);
  }

  /** The shape, if every dimension is known. */
  default Optional<Shape> shape(Value value) {
    return dims(value)
        .filter(dims -> dims.stream().allMatch(dim -> dim instanceof Dim.Known))
        .map(dims -> Shape.of(dims.stream().mapToLong(dim -> ((Dim.Known) dim).size()).toArray()));
  }
}
