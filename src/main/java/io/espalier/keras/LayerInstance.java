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
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, LayerInstance> parts = new HashMap<>();
  private NetworkBuilder network;

  /**
   * An instance.
   *
   * @param scope the names of the models around it and its own, joined by slashes
   */
  LayerInstance(LayerSpec spec, LayerWeights weights, String scope) {
    this.spec = spec;
    this.weights = weights;
    this.scope = scope;
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
