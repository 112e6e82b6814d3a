package io.espalier.keras;

import java.util.List;

/** How one class of layers becomes nodes: an entry of the layer table. */
@FunctionalInterface
interface LayerRule {
  /**
   * Emits a call of the layer.
   *
   * @param inputs the tensors in the call's first argument
   * @return the results, in Keras' order
   */
  List<KerasTensor> emit(LayerContext layer, List<KerasTensor> inputs);

  /** A rule for layers with one input and one result. */
  @FunctionalInterface
  interface One {
    KerasTensor emit(LayerContext layer, KerasTensor x);
  }

  /** A rule for layers that put several inputs together. */
  @FunctionalInterface
  interface Merging {
    KerasTensor emit(LayerContext layer, List<KerasTensor> inputs);
  }

  static LayerRule one(One rule) {
    return (layer, inputs) -> {
      if (inputs.size() != 1) {
        throw layer.malformed("expected one input, got " + inputs.size());
      }
      return List.of(rule.emit(layer, inputs.get(0)));
    };
  }

  static LayerRule merging(Merging rule) {
    return (layer, inputs) -> {
      if (inputs.isEmpty()) {
        throw layer.malformed("expected inputs, got none");
      }
      return List.of(rule.emit(layer, inputs));
    };
  }
}
