package io.espalier.runtime;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The types that onnxruntime infers for the values of a model's main graph; values inside subgraphs
 * stay unknown.
 *
 * <p>onnxruntime describes a tensor of unknown rank as it describes a scalar. A second session
 * tells them apart by the length of their {@code Shape}.
 */
public final class InferredTypes implements Types {
  private final Graph graph;
  private final Map<String, TensorType> types = new HashMap<>();

  private InferredTypes(Graph graph) {
    this.graph = graph;
  }

  /**
   * Infers types; where onnxruntime has none, those that the model declares hold. The model's graph
   * is changed meanwhile, and is as before when this returns.
   *
   * @throws ModelException if onnxruntime refuses the model, or it exceeds the size of one file
   */
  public static Types of(Model model) {
    InferredTypes inferred = new InferredTypes(model.graph());
    List<Value> computed = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      node.outputs().stream().filter(output -> output != null).forEach(computed::add);
    }
    inferred.infer(model, computed);
    return inferred.or(Types.declared());
  }

  private void infer(Model model, List<Value> computed) {
    List<Value> rankless = new ArrayList<>();
    Map<String, Port> ports = Probe.outputs(model, computed);
    for (Value value : computed) {
      Port port = ports.get(value.name());
      if (port.isTensor()) {
        types.put(value.name(), port.type());
        if (port.dims().isEmpty()) {
          rankless.add(value);
        }
      }
    }
    if (!rankless.isEmpty()) {
      forgetUnlessScalar(model, rankless);
    }
  }

  private void forgetUnlessScalar(Model model, List<Value> rankless) {
    Ops ops = new Ops(graph);
    List<Value> shapes = new ArrayList<>();
    try {
      rankless.forEach(value -> shapes.add(ops.shape(value)));
      Map<String, Port> ports = Probe.outputs(model, shapes);
      for (int i = 0; i < shapes.size(); i++) {
        if (!ports.get(shapes.get(i).name()).type().dims().equals(Probe.LENGTH_ZERO)) {
          types.computeIfPresent(
              rankless.get(i).name(),
              (name, type) -> new TensorType(type.dataType(), Optional.empty()));
        }
      }
    } finally {
      shapes.forEach(shape -> graph.remove(shape.producer().orElseThrow()));
    }
  }

  @Override
  public Optional<TensorType> of(Value value) {
    return value.graph() == graph ? Optional.ofNullable(types.get(value.name())) : Optional.empty();
  }
}
