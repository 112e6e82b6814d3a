package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** A node that is being given another form, and what a rule needs to do it. */
final class Upgrade {
  private static final long AXES_ARE_INPUTS = 13;

  private final Types types;
  private final Ops ops;
  private final long to;
  private Node node;

  Upgrade(Node node, Ops ops, Types types, long to) {
    this.node = node;
    this.types = types;
    this.ops = ops;
    this.to = to;
  }

  /** The opset that the model is brought to. */
  long to() {
    return to;
  }

  Node node() {
    return node;
  }

  /**
   * Emits in front of the node; operators have the form of opset {@link Ops#OPSET}, which a rule
   * may use as far as it is that of the rule's opset too.
   */
  Ops ops() {
    return ops.in(node.name().isEmpty() ? node.opType() : node.name()).before(node);
  }

  /** {@code x} with axes of size 1, in the form of {@link #to}. */
  Value unsqueeze(Value x, long... axes) {
    return to < AXES_ARE_INPUTS
        ? ops().call("Unsqueeze", Map.of("axes", Attribute.of(axes)), x)
        : ops().unsqueeze(x, axes);
  }

  /** The first input. */
  Value x() {
    return input(0);
  }

  /** An input that has to be there. */
  Value input(int index) {
    return node.input(index)
        .orElseThrow(() -> refuse("expected at least " + (index + 1) + " inputs"));
  }

  boolean has(String attribute) {
    return node.attributes().containsKey(attribute);
  }

  /** An int attribute, which the node then no longer has. */
  long takeInt(String attribute, long absent) {
    long value = node.intAttribute(attribute, absent);
    node.removeAttribute(attribute);
    return value;
  }

  /** A float attribute, which the node then no longer has. */
  float takeFloat(String attribute, float absent) {
    float value = node.floatAttribute(attribute, absent);
    node.removeAttribute(attribute);
    return value;
  }

  /** An ints attribute, which the node then no longer has. */
  long[] takeInts(String attribute) {
    long[] value =
        node
            .intsAttribute(attribute)
            .orElseThrow(() -> refuse("expected an attribute '" + attribute + "'"))
            .stream()
            .mapToLong(Long::longValue)
            .toArray();
    node.removeAttribute(attribute);
    return value;
  }

  /** A floats attribute, which the node then no longer has. */
  float[] takeFloats(String attribute) {
    if (!(node.attributes().get(attribute) instanceof Attribute.FloatsAttribute floats)) {
      throw refuse("expected a list of floats as attribute '" + attribute + "'");
    }
    node.removeAttribute(attribute);
    float[] value = new float[floats.value().size()];
    for (int i = 0; i < value.length; i++) {
      value[i] = floats.value().get(i);
    }
    return value;
  }

  /** Sets an input; those in between that are not there stay absent. */
  void setInput(int index, Value value) {
    while (node.inputs().size() <= index) {
      node.addInput(null);
    }
    node.setInput(index, value);
  }

  /** Puts a node of another operator, with attributes still to be set, in the node's place. */
  void become(String opType, Value... inputs) {
    become(opType, node.outputs(), inputs);
  }

  /** The same, with other outputs. */
  void become(String opType, List<Value> outputs, Value... inputs) {
    node = node.graph().replace(node, OperatorId.of(opType), outputs);
    for (Value input : inputs) {
      node.addInput(input);
    }
  }

  /** The element type of a value; float where nothing is known. */
  DataType dataType(Value value) {
    return types.dataType(value).orElse(DataType.FLOAT);
  }

  /** The dimensions of a value. */
  List<Dim> dims(Value value) {
    return types.dims(value).orElseThrow(() -> refuse("the rank of '" + value + "' is not known"));
  }

  boolean knowsRank(Value value) {
    return types.dims(value).isPresent();
  }

  int rank(Value value) {
    return dims(value).size();
  }

  /** The size along an axis, which has to be known. */
  long knownDim(Value value, int axis) {
    return Shapes.size(dims(value).get(axis))
        .orElseThrow(() -> refuse("dimension " + axis + " of '" + value + "' is not known"));
  }

  /** A scalar of the first input's type. */
  Value number(double number) {
    return ops().scalar(dataType(x()), number);
  }

  RefusedException refuse(String reason) {
    return new RefusedException(reason);
  }
}
