package io.espalier.keras;

import java.util.List;

/**
 * A model, or one within another, as the file describes it.
 *
 * @param layers in the order of the file, which is that of the weights
 * @param inputs the input layers, in the order in which they are fed
 */
record NetworkSpec(
    String name, List<LayerSpec> layers, List<Argument.Ref> inputs, List<Argument.Ref> outputs) {
  NetworkSpec {
    layers = List.copyOf(layers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
