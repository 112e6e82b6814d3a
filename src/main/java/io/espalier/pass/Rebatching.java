package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Dim;
import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.TensorType;
import io.espalier.graph.Types;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lets a model take batches of any size: the batch's axis of inputs becomes symbolic, constants
 * that hold its size are rewritten. Believed only where the engine confirms it: the rows of a batch
 * of three are what the model gives for each of them.
 */
final class Rebatching {
  /** The name of the batch's dimension. */
  static final String BATCH = "N";

  private final Model fixed;
  private final Engine engine;
  private final ModelCopy copy;
  private final Map<Value, Integer> inputs = new LinkedHashMap<>();
  private long size = 1;

  private Rebatching(Model model, Engine engine) {
    this.engine = engine;
    this.fixed = ModelCopy.of(model).model();
    this.copy = ModelCopy.of(model);
  }

  /**
   * What became of a model.
   *
   * @param copy of the model, with a free batch; absent if there is none
   * @param inputs of the copy that carry the batch, and along which axis
   * @param size of the fixed batch
   * @param reason why it stays fixed
   */
  record Result(Optional<ModelCopy> copy, Map<Value, Integer> inputs, long size, String reason) {}

  /** Tries to free the batch of a copy of {@code model}, at opset 21. */
  static Result of(Model model, Engine engine) {
    Rebatching attempt = new Rebatching(model, engine);
    try {
      attempt.run();
      return new Result(Optional.of(attempt.copy), attempt.inputs, attempt.size, "");
    } catch (RefusedException | ModelException e) {
      return new Result(Optional.empty(), Map.of(), attempt.size, e.getMessage());
    }
  }

  private void run() {
    Graph graph = copy.model().graph();
    boolean symbolic = findInputs(graph);
    inputs.forEach((input, axis) -> setSize(same(fixed, input), axis, new Dim.Known(size)));
    forgetTypes(fixed.graph());
    forgetTypes(graph);
    BatchTrial trial = new BatchTrial(fixed, copy.model(), inputs, engine);
    inputs.forEach((input, axis) -> setSize(input, axis, new Dim.Symbol(BATCH)));
    if (symbolic && trial.succeeds()) {
      return;
    }
    inputs.forEach((input, axis) -> setSize(input, axis, new Dim.Known(size)));
    BatchWalk walk = new BatchWalk(graph, engine.types(copy.model()), trial, size, inputs);
    walk.run();
    inputs.forEach((input, axis) -> setSize(input, axis, new Dim.Symbol(BATCH)));
    trial.confirm(walk);
  }

  /** Finds the inputs that carry the batch; whether it is symbolic in all of them. */
  private boolean findInputs(Graph graph) {
    List<Value> candidates =
        graph.requiredInputs().stream()
            .filter(input -> Types.declared().dims(input).filter(d -> !d.isEmpty()).isPresent())
            .toList();
    List<OptionalLong> sizes = candidates.stream().map(Rebatching::firstSize).toList();
    boolean symbolic = sizes.stream().allMatch(OptionalLong::isEmpty);
    boolean vectors = candidates.stream().allMatch(input -> dims(input).size() == 1);
    size = sizes.stream().mapToLong(found -> found.orElse(1)).min().orElse(1);
    if (candidates.isEmpty() || vectors && !symbolic) {
      throw new RefusedException("no input has an axis for it");
    }
    for (Value input : candidates) {
      int axis = axis(input);
      if (mayBeBatch(input, axis)) {
        inputs.put(input, axis);
      } else if (axis == 0 && dims(input).size() > 2 && mayBeBatch(input, 1)) {
        inputs.put(input, 1);
      }
    }
    return symbolic;
  }

  private static OptionalLong firstSize(Value input) {
    return Shapes.size(dims(input).get(axis(input)));
  }

  private boolean mayBeBatch(Value input, int axis) {
    return Shapes.size(dims(input).get(axis)).orElse(size) == size;
  }

  /** States of recurrent operators carry the batch behind the directions. */
  private static int axis(Value input) {
    boolean state =
        input.uses().stream()
            .anyMatch(
                use ->
                    (use.index() == 5 || use.index() == 6)
                        && (use.node().is("LSTM") || use.node().is("GRU") || use.node().is("RNN")));
    return state && dims(input).size() > 1 ? 1 : 0;
  }

  private static List<Dim> dims(Value value) {
    return Types.declared().dims(value).orElseThrow();
  }

  private static Value same(Model model, Value value) {
    return model.graph().find(value.name()).orElseThrow();
  }

  private static void setSize(Value input, int axis, Dim dim) {
    List<Dim> dims = new ArrayList<>(dims(input));
    dims.set(axis, dim);
    DataType dataType = input.type().orElseThrow().dataType();
    input.setType(new TensorType(dataType, Optional.of(dims)));
  }

  /** What is declared of computed values may hold the size of the batch. */
  private static void forgetTypes(Graph graph) {
    for (Node node : graph.nodes()) {
      for (Value output : node.outputs()) {
        if (output != null) {
          output.setType(null);
        }
      }
      node.subgraphs().forEach(Rebatching::forgetTypes);
    }
  }
}
