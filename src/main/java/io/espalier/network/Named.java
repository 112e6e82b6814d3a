package io.espalier.network;

import io.espalier.graph.Shape;
import io.espalier.graph.Value;

/** A layer that is called something else than its kind and a number. */
public record Named(String name, Layer layer) implements Layer {
  public Named {
    if (!name.matches("[\\w.\\-]+")) {
      throw new IllegalArgumentException(
          "name: expected letters, digits, dots, dashes and underscores, got '" + name + "'");
    }
  }

  @Override
  public String kind() {
    return layer.kind();
  }

  @Override
  public Shape outputShape(Shape in) {
    return layer.outputShape(in);
  }

  @Override
  public double parameters(Shape in) {
    return layer.parameters(in);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    return layer.emit(emission, x, in);
  }
}
