package io.espalier.network;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.Attribute;
import io.espalier.graph.Graph;
import io.espalier.graph.Ops;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import io.espalier.random.RandomStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where layers put their nodes and weights. What belongs to a layer begins with its name and a dot;
 * layers without a name are called by their kind and a number.
 */
final class Emission {
  private final Graph graph;
  private final Initializer initializer;
  private final long seed;
  private final String scope;
  private final Map<String, Integer> count = new HashMap<>();

  Emission(Graph graph, Initializer initializer, long seed, String scope) {
    this.graph = graph;
    this.initializer = initializer;
    this.seed = seed;
    this.scope = scope;
  }

  /** Emits layers one after the other; {@code in} is the shape of {@code x}. */
  Value emit(List<Layer> layers, Value x, Shape in) {
    Value value = x;
    Shape shape = in;
    for (Layer layer : layers) {
      Emission inside = new Emission(graph, initializer, seed, prefix() + name(layer));
      value = layer.emit(inside, value, shape);
      shape = layer.outputShape(shape);
    }
    return value;
  }

  private String prefix() {
    return scope.isEmpty() ? "" : scope + ".";
  }

  private String name(Layer layer) {
    return layer instanceof Named named
        ? named.name()
        : layer.kind() + count.merge(layer.kind(), 1, Integer::sum);
  }

  /** A node with one output. */
  Value call(String operator, Map<String, Attribute> attributes, Value... inputs) {
    return new Ops(graph).in(scope).call(operator, attributes, inputs);
  }

  /** A weight with drawn elements, which depend on the seed and on the weight's name alone. */
  Value weight(String role, Shape shape, Fans fans, Optional<Initializer> own) {
    String name = prefix() + role;
    float[] elements =
        own.orElse(initializer)
            .draw(RandomStream.named(seed, name), Math.toIntExact(shape.elements()), fans);
    return constant(name, ArrayTensor.of(shape, elements));
  }

  /** A vector of equal elements. */
  Value filled(String role, long size, float element) {
    float[] elements = new float[Math.toIntExact(size)];
    Arrays.fill(elements, element);
    return constant(prefix() + role, ArrayTensor.of(Shape.of(size), elements));
  }

  Value scalar(String role, float number) {
    return constant(prefix() + role, ArrayTensor.of(Shape.of(), number));
  }

  private Value constant(String name, Tensor tensor) {
    Value value = graph.newValue(name);
    value.setInitializer(tensor);
    value.setType(TensorType.of(tensor));
    return value;
  }
}
