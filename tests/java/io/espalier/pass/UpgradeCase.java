package io.espalier.pass;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Node;
import io.espalier.graph.OperatorId;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** One call of an operator in the form that it has at an opset. */
final class UpgradeCase {
  final String operator;
  final long opset;
  final List<Tensor> inputs = new ArrayList<>();
  final List<Boolean> fed = new ArrayList<>();
  final Map<String, Attribute> attributes = new TreeMap<>();
  int outputs = 1;
  double tolerance;
  UpgradeCase modern;
  boolean unknownSizes;

  private UpgradeCase(long opset, String operator) {
    this.opset = opset;
    this.operator = operator;
  }

  static UpgradeCase at(long opset, String operator) {
    return new UpgradeCase(opset, operator);
  }

  /** A float input of random numbers. */
  UpgradeCase x(long... dims) {
    return input(random(dims), true);
  }

  /** A float input of random numbers from 0.5 to 1.5. */
  UpgradeCase positive(long... dims) {
    return input(aroundOne(dims), true);
  }

  /** A float constant of random numbers from 0.5 to 1.5. */
  UpgradeCase w(long... dims) {
    return input(aroundOne(dims), false);
  }

  private Tensor aroundOne(long... dims) {
    var element = Elements.of(random(dims)).orElseThrow();
    return Elements.tensor(
        DataType.FLOAT, Shape.of(dims), i -> 1 + Math.tanh(element.applyAsDouble(i)) / 2);
  }

  /** An input that is left out. */
  UpgradeCase absent() {
    return input(null, false);
  }

  /** An input, fed when the model runs, of int32 numbers. */
  UpgradeCase int32s(long[] dims, long... numbers) {
    return input(Elements.tensor(DataType.INT32, Shape.of(dims), i -> numbers[i]), true);
  }

  /** A constant of int8 numbers. */
  UpgradeCase int8s(long[] dims, long... numbers) {
    return input(Elements.tensor(DataType.INT8, Shape.of(dims), i -> numbers[i]), false);
  }

  /** A boolean input of random values. */
  UpgradeCase bools(long... dims) {
    var element = Elements.of(random(dims)).orElseThrow();
    Shape shape = Shape.of(dims);
    return input(
        Elements.tensor(DataType.BOOL, shape, i -> element.applyAsDouble(i) > 0 ? 1 : 0), true);
  }

  UpgradeCase ints(long... numbers) {
    return input(ArrayTensor.of(Shape.of(numbers.length), numbers), false);
  }

  UpgradeCase ints(long[] dims, long... numbers) {
    return input(ArrayTensor.of(Shape.of(dims), numbers), false);
  }

  UpgradeCase floats(long[] dims, float... numbers) {
    return input(ArrayTensor.of(Shape.of(dims), numbers), false);
  }

  UpgradeCase floats(float... numbers) {
    return input(ArrayTensor.of(Shape.of(numbers.length), numbers), false);
  }

  /** An input, fed when the model runs, of int64 numbers. */
  UpgradeCase fedInts(long... numbers) {
    return input(ArrayTensor.of(Shape.of(numbers.length), numbers), true);
  }

  private UpgradeCase input(Tensor tensor, boolean asInput) {
    inputs.add(tensor);
    fed.add(asInput);
    return this;
  }

  private Tensor random(long... dims) {
    Random random = new Random(31L * operator.hashCode() + inputs.size());
    return Elements.tensor(DataType.FLOAT, Shape.of(dims), i -> random.nextGaussian());
  }

  UpgradeCase with(String name, long value) {
    attributes.put(name, Attribute.of(value));
    return this;
  }

  UpgradeCase with(String name, double value) {
    attributes.put(name, Attribute.of((float) value));
    return this;
  }

  UpgradeCase with(String name, String value) {
    attributes.put(name, Attribute.of(value));
    return this;
  }

  UpgradeCase withInts(String name, long... values) {
    attributes.put(name, Attribute.of(values));
    return this;
  }

  UpgradeCase withFloats(String name, Float... values) {
    attributes.put(name, new Attribute.FloatsAttribute(List.of(values)));
    return this;
  }

  UpgradeCase outputs(int count) {
    outputs = count;
    return this;
  }

  /** onnxruntime has no kernel for this form; this is the same call in a form that it has. */
  UpgradeCase like(UpgradeCase other) {
    modern = other;
    return this;
  }

  /** The new form rounds differently. */
  UpgradeCase withinRounding() {
    tolerance = 3e-7;
    return this;
  }

  /** The model says nothing about the sizes of its inputs. */
  UpgradeCase withUnknownSizes() {
    unknownSizes = true;
    return this;
  }

  /** The model of this call. */
  Model model() {
    Graph graph = new Graph("case", null);
    List<Value> taken = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) == null) {
        taken.add(null);
        continue;
      }
      Value value = graph.declare("x" + i);
      TensorType type = TensorType.of(inputs.get(i));
      if (fed.get(i)) {
        graph.makeInput(value);
        List<Dim> unknown =
            type.dims().orElseThrow().stream().<Dim>map(d -> new Dim.Unknown()).toList();
        value.setType(unknownSizes ? new TensorType(type.dataType(), Optional.of(unknown)) : type);
      } else {
        value.setInitializer(inputs.get(i));
      }
      taken.add(value);
    }
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(graph.declare("y" + i));
    }
    Node node = graph.addNode("node", id(), results);
    taken.forEach(node::addInput);
    attributes.forEach(node::setAttribute);
    graph.setOutputs(results);
    long irVersion = opset < 9 ? 3 : opset < Ops.OPSET ? 7 : 10;
    return new Model(irVersion, Map.of("", opset, "com.microsoft", 1L), graph, List.of());
  }

  private OperatorId id() {
    int dot = operator.lastIndexOf('.');
    return dot < 0
        ? OperatorId.of(operator)
        : new OperatorId(operator.substring(0, dot), operator.substring(dot + 1), "");
  }

  /** What to feed to a model of this call. */
  Map<Value, Tensor> feeds(Model model) {
    Map<Value, Tensor> feeds = new HashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      feeds.put(input, inputs.get(Integer.parseInt(input.name().substring(1))));
    }
    return feeds;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operator + " at " + opset);
    inputs.forEach(input -> text.append(' ').append(input == null ? "-" : input.shape()));
    attributes.forEach(
        (name, value) ->
            text.append(' ')
                .append(name)
                .append('=')
                .append(value.toString().replaceAll(".*value=|]$", "")));
    return text.toString();
  }
}
