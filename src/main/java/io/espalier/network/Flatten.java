package io.espalier.network;

import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;

/** Makes a vector of each sample. */
public record Flatten() implements Layer {
  @Override
  public String kind() {
    return "flatten";
  }

  @Override
  public Shape outputShape(Shape in) {
    return Shape.of(in.elements());
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    return emission.call("Flatten", Map.of(), x);
  }
}
