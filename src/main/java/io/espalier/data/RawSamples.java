package io.espalier.data;

import io.espalier.graph.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * Samples as a file has them.
 *
 * @param inputs by name of the model's input; axis 0 counts the samples
 * @param target the labels, if there are any
 */
record RawSamples(Map<String, Column> inputs, Optional<Column> target) {
  /**
   * One array.
   *
   * @param where for messages: file and key
   */
  record Column(String where, Tensor tensor) {}
}
