package io.espalier.storage;

import io.espalier.graph.DataType;
import io.espalier.graph.Shape;

/**
 * How a weight was written.
 *
 * @param encoding {@code dense}, {@code sparse_initializer}, or what the nodes decode, as in {@code
 *     gaps, 16 codes}
 * @param bytes of its data in the file; names and nodes are not counted
 * @param entropyBytes what no code gets below that says of each element on its own what it is
 */
public record StoredWeight(
    String name,
    DataType dataType,
    Shape shape,
    long nonzero,
    String encoding,
    long bytes,
    double entropyBytes) {

  /** Bytes of all elements as they are. */
  public long denseBytes() {
    return dataType.byteSize(shape.elements());
  }
}
