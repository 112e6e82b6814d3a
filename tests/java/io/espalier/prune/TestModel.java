package io.espalier.prune;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Function;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small graphs in few words: every node has one output, named as the node with ":0". */
final class TestModel {
  final Graph graph;
  final List<Function> functions = new ArrayList<>();

  TestModel() {
    this(new Graph("main", null));
  }

  TestModel(Graph graph) {
    this.graph = graph;
  }

  Model model() {
    return new Model(8, Map.of("", 17L), graph, functions);
  }

  Value input(String name) {
    return graph.addInput(name);
  }

  /** A float initializer of random normal numbers that depend on the name alone. */
  Value weight(String name, long... dims) {
    return constant(name, normal(name.hashCode(), dims));
  }

  Value constant(String name, Tensor tensor) {
    Value value = graph.declare(name);
    value.setInitializer(tensor);
    return value;
  }

  Value ints(String name, long... elements) {
    return constant(name, ArrayTensor.of(Shape.of(elements.length), elements));
  }

  /** A {@code Constant} node. */
  Value constantNode(String name, Tensor tensor) {
    Value output = graph.declare(name);
    graph
        .addNode("node of " + name, OperatorId.of("Constant"), List.of(output))
        .setAttribute("value", new Attribute.TensorAttribute(tensor));
    return output;
  }

  Value node(String name, String operator, Value... inputs) {
    Value output = graph.declare(name + ":0");
    add(name, operator, output, inputs);
    return output;
  }

  Node add(String name, String operator, Value output, Value... inputs) {
    int dot = operator.lastIndexOf('.');
    OperatorId id =
        dot < 0
            ? OperatorId.of(operator)
            : new OperatorId(operator.substring(0, dot), operator.substring(dot + 1), "");
    Node node = graph.addNode(name, id, List.of(output));
    Arrays.asList(inputs).forEach(node::addInput);
    return node;
  }

  /** Gives the node that computes {@code output} an attribute. */
  static Value with(Value output, String attribute, long value) {
    output.producer().orElseThrow().setAttribute(attribute, new Attribute.IntAttribute(value));
    return output;
  }

  static Value with(Value output, String attribute, List<Long> value) {
    output.producer().orElseThrow().setAttribute(attribute, new Attribute.IntsAttribute(value));
    return output;
  }

  static Tensor normal(long seed, long... dims) {
    Shape shape = Shape.of(dims);
    Random random = new Random(seed);
    float[] elements = new float[Math.toIntExact(shape.elements())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    return ArrayTensor.of(shape, elements);
  }

  /** A tensor of any float type with these elements, cut to its precision. */
  static Tensor tensor(DataType type, Shape shape, double... elements) {
    int width = type.bits() / 8;
    ByteBuffer bytes = ByteBuffer.allocate(elements.length * width).order(ByteOrder.LITTLE_ENDIAN);
    for (double element : elements) {
      switch (type) {
        case FLOAT -> bytes.putFloat((float) element);
        case DOUBLE -> bytes.putDouble(element);
        case BFLOAT16 -> bytes.putShort((short) (Float.floatToRawIntBits((float) element) >>> 16));
        case FLOAT16 -> bytes.putShort(float16((float) element));
        default -> throw new IllegalArgumentException(type.toString());
      }
    }
    return new ArrayTensor(type, shape, bytes.flip());
  }

  /** Truncates; for normal numbers within float16's range. */
  private static short float16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int exponent = (bits >>> 23 & 0xff) - 112;
    return (short) (exponent <= 0 ? sign : sign | exponent << 10 | bits >>> 13 & 0x3ff);
  }

  /** All elements of a float tensor of any type. */
  static double[] elements(Tensor tensor) {
    ByteBuffer bytes = tensor.bytes().order(ByteOrder.LITTLE_ENDIAN);
    double[] result = new double[Math.toIntExact(tensor.shape().elements())];
    for (int i = 0; i < result.length; i++) {
      result[i] =
          switch (tensor.dataType()) {
            case FLOAT -> bytes.getFloat();
            case DOUBLE -> bytes.getDouble();
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort() << 16);
            case FLOAT16 -> io.espalier.graph.Floats.fromFloat16(bytes.getShort());
            default -> throw new IllegalArgumentException(tensor.dataType().toString());
          };
    }
    return result;
  }
}
