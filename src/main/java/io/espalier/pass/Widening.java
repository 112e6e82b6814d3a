package io.espalier.pass;

import io.espalier.graph.Attribute;
import io.espalier.graph.DataType;
import io.espalier.graph.Elements;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import io.espalier.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets a model compute in 32 bits what it computes in 16: gradients need the range, and few kernels
 * on the CPU know 16 bits. Inputs keep their type.
 */
final class Widening implements Pass {
  /** Attributes that hold the number of an element type. */
  private static final Set<String> TYPES = Set.of("to", "dtype");

  private final Engine engine;

  Widening(Engine engine) {
    this.engine = engine;
  }

  /** Widens; a model that the engine would not open then stays as it is. */
  @Override
  public PassResult run(Model model) {
    Model trial = ModelCopy.of(model).model();
    int changes = widen(trial);
    if (changes == 0) {
      return new PassResult(0, List.of());
    }
    try {
      engine.types(trial);
    } catch (ModelException e) {
      return new PassResult(
          0, List.of(new Refusal("model", "stays in 16 bits: " + e.getMessage())));
    }
    return new PassResult(widen(model), List.of());
  }

  private static boolean isNarrow(DataType type) {
    return type == DataType.FLOAT16 || type == DataType.BFLOAT16;
  }

  private static int widen(Model model) {
    int[] changes = new int[1];
    model.forEachGraph(graph -> changes[0] += widen(graph));
    for (Value input : model.graph().requiredInputs()) {
      changes[0] += widenInput(model.graph(), input);
    }
    return changes[0];
  }

  private static int widen(Graph graph) {
    int changes = 0;
    for (Value value : graph.values()) {
      Tensor tensor = value.initializer().orElse(null);
      if (tensor != null && isNarrow(tensor.dataType())) {
        value.setInitializer(wide(tensor));
        changes++;
      }
      boolean given = value.isGraphInput() && tensor == null && graph.parent().isEmpty();
      if (!given && value.type().filter(type -> isNarrow(type.dataType())).isPresent()) {
        TensorType type = value.type().get();
        value.setType(new TensorType(DataType.FLOAT, type.dims()));
      }
    }
    for (Node node : graph.nodes()) {
      for (Map.Entry<String, Attribute> entry : Map.copyOf(node.attributes()).entrySet()) {
        changes += widen(node, entry.getKey(), entry.getValue());
      }
    }
    return changes;
  }

  private static Tensor wide(Tensor tensor) {
    return Elements.tensor(DataType.FLOAT, tensor.shape(), Elements.of(tensor).orElseThrow());
  }

  private static int widen(Node node, String name, Attribute attribute) {
    if (attribute instanceof Attribute.TensorAttribute held && isNarrow(held.value().dataType())) {
      node.setAttribute(name, Attribute.of(wide(held.value())));
      return 1;
    }
    boolean narrow =
        TYPES.contains(name)
            && attribute instanceof Attribute.IntAttribute type
            && isNarrow(DataType.of((int) type.value()));
    if (narrow) {
      node.setAttribute(name, Attribute.of(DataType.FLOAT.code()));
    }
    return narrow ? 1 : 0;
  }

  private static int widenInput(Graph graph, Value input) {
    boolean narrow = input.type().filter(type -> isNarrow(type.dataType())).isPresent();
    if (!narrow || input.uses().isEmpty()) {
      return 0;
    }
    List<Value.Use> uses = List.copyOf(input.uses());
    Value wide = new Ops(graph).before(graph.nodes().get(0)).cast(input, DataType.FLOAT);
    uses.forEach(use -> use.node().setInput(use.index(), wide));
    return 1;
  }
}
