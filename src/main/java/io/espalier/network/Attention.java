package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * Dot-product attention of the steps of a sample to each other: softmax(x xᵀ) x, neither scaled nor
 * with weights, as {@code keras.layers.Attention} on [x, x]. Samples are {@code [steps, features]}.
 */
public record Attention() implements Layer {
  @Override
  public String kind() {
    return "attention";
  }

  @Override
  public Shape outputShape(Shape in) {
    if (in.rank() != 2) {
      throw new IllegalArgumentException(
          "attention: expected samples [steps, features], got [%s]".formatted(in));
    }
    return in;
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    Value turned = emission.call("Transpose", Map.of("perm", Attribute.of(0L, 2L, 1L)), x);
    Value scores = emission.call("MatMul", Map.of(), x, turned);
    Value shares = emission.call("Softmax", Map.of("axis", Attribute.of(-1)), scores);
    return emission.call("MatMul", Map.of(), shares, x);
  }
}
