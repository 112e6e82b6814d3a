package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.runtime.OrtEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Small networks for tests, and what onnxruntime computes with them. */
final class Net {
  static final Engine ENGINE = new OrtEngine();

  final Graph graph = new Graph("net", null);
  final Ops ops = new Ops(graph);
  final Random random = new Random(7);

  /** An input; sizes below 1 are symbolic. */
  Value input(String name, DataType type, long... dims) {
    List<Dim> all = new ArrayList<>();
    for (long dim : dims) {
      all.add(dim < 1 ? new Dim.Symbol("batch") : new Dim.Known(dim));
    }
    Value input = graph.addInput(name);
    input.setType(new TensorType(type, Optional.of(all)));
    return input;
  }

  Value x(long... dims) {
    return input("x", DataType.FLOAT, dims);
  }

  /** An initializer of random numbers. */
  Value weight(String name, long... dims) {
    return weight(name, tensor(dims));
  }

  Value weight(String name, Tensor tensor) {
    Value value = graph.declare(name);
    value.setInitializer(tensor);
    return value;
  }

  Tensor tensor(long... dims) {
    return Elements.tensor(DataType.FLOAT, Shape.of(dims), i -> random.nextGaussian());
  }

  /** Positive numbers, for scales and variances. */
  Value positive(String name, long... dims) {
    return weight(
        name, Elements.tensor(DataType.FLOAT, Shape.of(dims), i -> 0.5 + random.nextDouble()));
  }

  Value batchNormalization(Value x, int channels) {
    return ops.call(
        "BatchNormalization",
        Map.of("epsilon", Attribute.of(0.01f)),
        x,
        positive("scale", channels),
        weight("shift", channels),
        weight("mean", channels),
        positive("variance", channels));
  }

  Value dropout(Value x, double rate) {
    return ops.call("Dropout", x, ops.scalar(DataType.FLOAT, rate));
  }

  Value softmax(Value x, long axis) {
    return ops.call("Softmax", Map.of("axis", Attribute.of(axis)), x);
  }

  /** The network with an output of that name. */
  Model output(String name, Value value) {
    graph.rename(value, name);
    graph.addOutput(value);
    return new Model(10, Map.of("", Ops.OPSET), graph, List.of());
  }

  Model output(Value value) {
    return output("y", value);
  }

  /** What a model computes, its inputs given by name. */
  static Tensor run(Model model, Value wanted, Map<String, Tensor> inputs) {
    Map<Value, Tensor> feeds = new HashMap<>();
    for (Value input : model.graph().requiredInputs()) {
      feeds.put(input, inputs.get(input.name()));
    }
    return ENGINE.evaluate(model, feeds, List.of(wanted)).get(wanted);
  }

  static double number(Tensor tensor) {
    return numbers(tensor)[0];
  }

  static double[] numbers(Tensor tensor) {
    var element = Elements.of(tensor).orElseThrow();
    double[] numbers = new double[(int) tensor.shape().elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = element.applyAsDouble(i);
    }
    return numbers;
  }

  /** What a training graph has to be fed at first: weights, statistics, masks that drop nothing. */
  static Map<String, Tensor> initial(TrainingGraph training, long batch) {
    Map<String, Tensor> feeds = new HashMap<>();
    for (TrainingInputs.Weight weight : training.weights()) {
      var element = Elements.of(weight.initial()).orElseThrow();
      feeds.put(
          weight.input().name(),
          Elements.tensor(
              weight.input().type().orElseThrow().dataType(), weight.initial().shape(), element));
    }
    training.statistics().forEach(one -> feeds.put(one.input().name(), one.initial()));
    for (TrainingInputs.Mask mask : training.masks()) {
      long[] dims =
          mask.dims().stream()
              .mapToLong(dim -> dim instanceof Dim.Known known ? known.size() : batch)
              .toArray();
      feeds.put(mask.input().name(), Elements.tensor(DataType.FLOAT, Shape.of(dims), i -> 1));
    }
    return feeds;
  }
}
