package io.espalier.keras;

import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.HashMap;
import java.util.Map;

/** A layer of the graph that is being made; it may be called more than once. */
final class LayerInstance {
  private final LayerSpec spec;
  private final LayerWeights weights;
  private final String scope;
  private final Map<String, Tensor> tensors;
  private final Map<String, Value> values;
  private final Map<String, LayerInstance> parts;
  private NetworkBuilder network;

  /**
   * An instance.
   *
   * @param scope the names of the models around it and its own, joined by slashes
   */
  LayerInstance(LayerSpec spec, LayerWeights weights, String scope) {
    this(spec, weights, scope, new HashMap<>(), new HashMap<>(), new HashMap<>());
  }

  private LayerInstance(
      LayerSpec spec,
      LayerWeights weights,
      String scope,
      Map<String, Tensor> tensors,
      Map<String, Value> values,
      Map<String, LayerInstance> parts) {
    this.spec = spec;
    this.weights = weights;
    this.scope = scope;
    this.tensors = tensors;
    this.values = values;
    this.parts = parts;
  }

  /** The same layer with its weights from elsewhere in the file. */
  LayerInstance withWeights(LayerWeights others) {
    return new LayerInstance(spec, others, scope, tensors, values, parts);
  }

  /** The same layer, taken for one of another description. */
  LayerInstance as(LayerSpec other) {
    return new LayerInstance(other, weights, scope, tensors, values, parts);
  }

  LayerSpec spec() {
    return spec;
  }

  LayerWeights weights() {
    return weights;
  }

  String scope() {
    return scope;
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }

  Map<String, Value> values() {
    return values;
  }

  Map<String, LayerInstance> parts() {
    return parts;
  }

  /** The model that the layer is. */
  NetworkBuilder network(GraphDraft draft) {
    if (network == null) {
      NetworkSpec inner = spec.network().orElseThrow();
      network = new NetworkBuilder(draft, inner, weights.network(inner), scope);
    }
    return network;
  }
}
