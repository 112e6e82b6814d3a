package io.espalier.keras;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Graph;
import io.espalier.graph.MalformedModelException;
import io.espalier.graph.Model;
import io.espalier.graph.Ops;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes a graph of a model whose layers and weights are known. */
final class Importer {
  private static final long IR_VERSION = 10;
  private static final String BATCH = "N";

  private final NetworkSpec network;
  private final NetworkWeights weights;
  private final GraphDraft draft;
  private final Optional<Json> training;
  private final Optional<InputLayout> layout;

  /**
   * An importer.
   *
   * @param layout of images among the inputs; absent: as the model has it
   */
  Importer(
      Dialect dialect,
      NetworkSpec network,
      NetworkWeights weights,
      Optional<Json> training,
      Optional<InputLayout> layout) {
    this.layout = layout;
    this.network = network;
    this.weights = weights;
    this.draft = new GraphDraft(network.name(), dialect);
    this.training = training;
  }

  KerasFile read() {
    List<KerasTensor> inputs = new ArrayList<>();
    for (Argument.Ref input : network.inputs()) {
      inputs.add(input(input.layer()));
    }
    List<KerasTensor> outputs = new NetworkBuilder(draft, network, weights, "").call(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      output(outputs.get(i), network.outputs().get(i).layer());
    }
    Graph graph = draft.graph();
    TransposePairs.merge(graph);
    Model model = new Model(IR_VERSION, Map.of("", Ops.OPSET), graph, List.of());
    Metadata.write(model, draft, training.flatMap(this::compiled));
    KerasSummary summary = KerasSummary.of(model).orElseThrow();
    return new KerasFile(model, summary, draft.refusals());
  }

  /** How the model was compiled; a form that is not known is no reason to refuse the model. */
  private Optional<Json> compiled(Json said) {
    try {
      return Optional.of(TrainingConfig.of(said));
    } catch (MalformedModelException e) {
      draft.refuse("training configuration", "is not known: " + e.getMessage());
      return Optional.empty();
    }
  }

  private KerasTensor input(String name) {
    LayerSpec layer =
        network.layers().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new MalformedModelException("input '" + name + "': no layer of that name"));
    long[] dims = InputShapes.of(layer, network, weights);
    DataType type = DataTypes.of(DataTypes.nameOf(layer.config().find("dtype")));
    Value value = draft.graph().addInput(name);
    List<Dim> declared = new ArrayList<>();
    if (dims.length == 0) {
      throw new MalformedModelException(layer.label() + ": expected a shape with a batch, got []");
    }
    dims[0] = -1;
    InputLayout own = InputLayout.of(network);
    Layout lying = layout.orElse(own).of(dims.length, own);
    for (int axis : lying.order()) {
      declared.add(
          axis == 0
              ? new Dim.Symbol(BATCH)
              : dims[axis] < 0 ? new Dim.Symbol(name + "_" + axis) : new Dim.Known(dims[axis]));
    }
    value.setType(new TensorType(type, Optional.of(declared)));
    return new KerasTensor(value, type, dims, lying, null);
  }

  /** Makes a result an output, under the name of the layer it comes from. */
  private void output(KerasTensor result, String name) {
    Graph graph = draft.graph();
    Value value = draft.plain(result, draft.ops().in(name));
    Set<Value> taken = new HashSet<>(graph.outputs());
    if (taken.contains(value) || value.producer().isEmpty()) {
      value = draft.ops().in(name).call("Identity", value);
    }
    graph.rename(value, name);
    List<Dim> declared = new ArrayList<>();
    for (int axis = 0; axis < result.rank(); axis++) {
      long dim = result.dim(axis);
      declared.add(
          dim >= 0 ? new Dim.Known(dim) : axis == 0 ? new Dim.Symbol(BATCH) : new Dim.Unknown());
    }
    value.setType(new TensorType(result.type(), Optional.of(declared)));
    graph.addOutput(value);
  }
}
