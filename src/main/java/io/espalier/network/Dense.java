package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;
import java.util.Optional;

/**
 * {@code y = x Wᵀ + b}, with {@code weight} [units, features] and {@code bias} [units]. What is no
 * vector is flattened first.
 *
 * @param bias whether there is one; it starts at 0
 * @param initializer of the weight; absent: the network's
 */
public record Dense(long units, boolean bias, Optional<Initializer> initializer) implements Layer {
  public Dense {
    if (units < 1 || units > Network.WIDEST) {
      throw new IllegalArgumentException(
          "dense: expected 1 to %d units, got %d".formatted(Network.WIDEST, units));
    }
  }

  /** With bias, and the network's initializer. */
  public Dense(long units) {
    this(units, true, Optional.empty());
  }

  @Override
  public String kind() {
    return "dense";
  }

  @Override
  public Shape outputShape(Shape in) {
    return Shape.of(units);
  }

  @Override
  public double parameters(Shape in) {
    return (double) units * in.elements() + (bias ? units : 0);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Value vector = in.rank() == 1 ? x : emission.call("Flatten", Map.of(), x);
    Shape shape = Shape.of(units, in.elements());
    Value weight = emission.weight("weight", shape, Fans.outIn(shape), initializer);
    Map<String, Attribute> transposed = Map.of("transB", Attribute.of(1));
    return bias
        ? emission.call("Gemm", transposed, vector, weight, emission.filled("bias", units, 0))
        : emission.call("Gemm", transposed, vector, weight);
  }
}
