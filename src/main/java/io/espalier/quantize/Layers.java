package io.espalier.quantize;

import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import io.espalier.prune.PrunableWeights;
import io.espalier.prune.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The layers of a model that can compute on integers. */
final class Layers {
  private final List<Layer> all = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();

  private Layers() {}

  /** Those that use one of these weights; for every other use there is a refusal. */
  static Layers find(Model model, PrunableWeights found, Types types) {
    Layers layers = new Layers();
    layers.refusals.addAll(found.refusals());
    Graph main = model.graph();
    for (Weight weight : found.weights()) {
      if (weight.value().isGraphInput() && model.irVersion() >= 4) {
        layers.refuse(
            weight, "it is listed as an input; --drop-weight-inputs lets it be quantized");
        continue;
      }
      for (Value.Use use : weight.value().uses()) {
        Optional<String> obstacle = Layer.obstacle(use.node(), use.index(), main, types);
        if (obstacle.isPresent()) {
          layers.refuse(weight, obstacle.get());
        } else {
          layers.all.add(Layer.of(use.node()));
        }
      }
    }
    layers.all.sort(Comparator.comparingInt(layer -> main.nodes().indexOf(layer.node())));
    return layers;
  }

  private void refuse(Weight weight, String reason) {
    refusals.add(new Refusal(weight.name(), "stays float: " + reason));
  }

  /** In the order of the graph. */
  List<Layer> all() {
    return all;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  /** Removes a constant that nobody uses any more. */
  static void removeUnused(Value constant) {
    if (!constant.uses().isEmpty() || constant.isGraphOutput()) {
      return;
    }
    Graph graph = constant.graph();
    if (constant.producer().isPresent()) {
      graph.remove(constant.producer().get());
    } else if (graph.values().contains(constant)) {
      graph.remove(constant);
    }
  }
}
