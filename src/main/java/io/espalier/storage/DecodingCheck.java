package io.espalier.storage;

import io.espalier.graph.Evaluator;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorBits;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;

/** Has a runtime make a weight out of its parts, and compares it with what it was, bit by bit. */
final class DecodingCheck {
  private DecodingCheck() {}

  /**
   * Checks what will be written for a weight.
   *
   * @param versions the model whose versions count
   * @throws ModelException if the runtime makes something else of it
   */
  static void check(
      Evaluator runtime, Model versions, StoragePlan plan, Encoding.Decoding decoding) {
    Graph graph = new Graph("weight", null);
    Value weight = graph.declare(plan.weight().name());
    weight.setInitializer(plan.tensor());
    decoding.write(new DecodingNodes(graph, WeightStorage.listsInitializers(versions)), weight);
    graph.addOutput(weight);
    Model model = new Model(versions.irVersion(), versions.opsets(), graph, List.of());
    Tensor made = runtime.evaluate(model, Map.of(), List.of(weight)).get(weight);
    if (made == null || !TensorBits.same(plan.tensor(), made)) {
      throw new ModelException(
          "weight '%s', stored as %s: the runtime does not make the same numbers of it; --storage"
                  .formatted(weight.name(), plan.result().encoding())
              + " dense stores it as it is, and we would be glad of a report");
    }
  }
}
