package io.espalier.storage;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.Optional;

/** One way to lay down one weight, so that standard operators make it anew. */
interface Encoding {
  /** What reports call it, as in {@code gaps, 16 codes}. */
  String name();

  /** Bytes of the parts, without what the nodes take. */
  long byteSize();

  /** Nodes that decode the weight, those that other weights share not counted. */
  int nodes();

  /** Initializers of the weight's own. */
  int parts();

  /** The first opset in which all operators are there that it needs. */
  long opset();

  /**
   * Bytes that decoding holds besides the weight itself and {@link #zeros}, roughly: parts, and
   * what is computed on the way. onnxruntime frees what its constant folding computes only when all
   * is folded.
   */
  long scratchBytes();

  /** The shape of the zeros that decoding begins with; weights of one type share those. */
  default Optional<Shape> zeros() {
    return Optional.empty();
  }

  /** Lays down the weight. */
  Decoding encode(Tensor tensor);

  /** What makes a weight anew. */
  interface Decoding {
    /** Puts parts and nodes in the place of the weight's tensor. */
    void write(DecodingNodes nodes, Value weight);
  }
}
