package io.espalier.runtime;

import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.List;

/** What one input of a session takes or one output gives. Held in Java memory, immutable. */
public sealed interface Datum {
  /** A tensor of numbers or booleans. */
  record Numbers(Tensor tensor) implements Datum {}

  /** A tensor of strings, row-major. */
  record Words(Shape shape, List<String> words) implements Datum {
    public Words {
      words = List.copyOf(words);
    }
  }

  /** A sequence; only ever an output. */
  record Sequence(List<Datum> elements) implements Datum {
    public Sequence {
      elements = List.copyOf(elements);
    }
  }

  /** A map with keys in their natural order; only ever an output. */
  record Mapping(List<String> keys, Datum values) implements Datum {
    public Mapping {
      keys = List.copyOf(keys);
    }
  }

  /**
   * An output that cannot be looked into.
   *
   * @param reason why, a short phrase
   */
  record Opaque(String reason) implements Datum {
    /** Of an optional type, or not computed at all. */
    static final Opaque UNREADABLE =
        new Opaque("of a type that onnxruntime's Java interface cannot read, or never computed");
  }

  /** A tensor as a datum. */
  static Datum of(Tensor tensor) {
    return new Numbers(tensor);
  }
}
