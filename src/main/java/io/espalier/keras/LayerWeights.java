package io.espalier.keras;

import io.espalier.graph.Tensor;
import java.util.Optional;

/**
 * The weights of one layer, in the order in which Keras lists them: those that are trained, then
 * the others.
 */
interface LayerWeights {
  /** The next weight; absent after the last. */
  Optional<Tensor> next();

  /**
   * The weights of a layer within the layer, which Keras holds in an attribute of that name. Of a
   * file that lists all weights of a layer in one row, these are the next in the row.
   */
  LayerWeights part(String attribute);

  /** The same, where Keras has an unnamed list of layers, by class. */
  default LayerWeights part(String attribute, String className, int index) {
    String name = SnakeCase.of(className) + (index == 0 ? "" : "_" + index);
    return part(attribute).part(name);
  }

  /** The weights of a model that the layer is, or holds in an attribute that was asked for. */
  NetworkWeights network(NetworkSpec network);
}
