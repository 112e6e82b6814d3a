package io.espalier.graph;

import java.util.Arrays;
import java.util.List;

/** The value of a node's attribute; the name is the key under which the node has it. */
public sealed interface Attribute {
  record FloatAttribute(float value) implements Attribute {}

  record IntAttribute(long value) implements Attribute {}

  record StringAttribute(String value) implements Attribute {}

  record TensorAttribute(Tensor value) implements Attribute {}

  record GraphAttribute(Graph value) implements Attribute {}

  record FloatsAttribute(List<Float> value) implements Attribute {}

  record IntsAttribute(List<Long> value) implements Attribute {}

  record StringsAttribute(List<String> value) implements Attribute {}

  record TensorsAttribute(List<Tensor> value) implements Attribute {}

  record GraphsAttribute(List<Graph> value) implements Attribute {}

  /**
   * In a function's body: whatever a call gives for one of the function's parameters.
   *
   * @param parameter its name
   * @param kind the number that the format has for its kind of value
   */
  record ReferenceAttribute(String parameter, int kind) implements Attribute {}

  /** Of a kind that is only passed through: sparse tensors, types, unknown kinds. */
  record OpaqueAttribute(Object origin) implements Attribute {}

  static Attribute of(long value) {
    return new IntAttribute(value);
  }

  static Attribute of(float value) {
    return new FloatAttribute(value);
  }

  static Attribute of(String value) {
    return new StringAttribute(value);
  }

  static Attribute of(Tensor value) {
    return new TensorAttribute(value);
  }

  static Attribute of(long... values) {
    return new IntsAttribute(Arrays.stream(values).boxed().toList());
  }
}
