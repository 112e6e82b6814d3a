package io.espalier.network;

import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * Inverted dropout: while training, elements are 0 with probability {@code rate}, else divided by
 * {@code 1 − rate}; in inference nothing happens.
 */
public record Dropout(double rate) implements Layer {
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "dropout: expected a rate from 0 up to but not including 1, the share that is dropped,"
              + " got "
              + rate);
    }
  }

  @Override
  public String kind() {
    return "dropout";
  }

  @Override
  public Shape outputShape(Shape in) {
    return in;
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    return emission.call("Dropout", Map.of(), x, emission.scalar("rate", (float) rate));
  }
}
