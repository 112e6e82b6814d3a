package io.espalier.network;

import io.espalier.graph.Shape;
import io.espalier.graph.Value;

/** A step of a network, from one value to the next. */
public sealed interface Layer
    permits Activation, Attention, BatchNorm, Conv, Dense, Dropout, Flatten, Named, Pool, Residual {

  /** What the layer is called where it is given no name: this and a number. */
  String kind();

  /**
   * The shape of what comes out for a sample.
   *
   * @param in the shape of what goes in
   * @throws IllegalArgumentException if the layer does not take such samples; the message says what
   *     it expects
   */
  Shape outputShape(Shape in);

  /** The number of elements that its weights, biases and statistics have. */
  default double parameters(Shape in) {
    return 0;
  }

  /**
   * Adds the layer's nodes and weights.
   *
   * @param in the shape of {@code x}, a shape that the layer takes
   */
  Value emit(Emission emission, Value x, Shape in);
}
