package io.espalier.pass;

import io.espalier.graph.Engine;
import io.espalier.graph.Graph;
import io.espalier.graph.Model;
import io.espalier.graph.ModelCopy;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Ops;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A copy of an imported model that training graphs are derived from: at opset {@link Ops#OPSET}, in
 * 32 bits, with a free batch where that is possible, along the first axis of every input, constants
 * as initializers. The imported model stays as it is; values keep their names.
 */
public final class WorkingCopy {
  private final ModelCopy copy;
  private final Inlining inlining = new Inlining();
  private final Rebatching.Result batch;
  private final List<Refusal> refusals = new ArrayList<>();

  private WorkingCopy(Model imported, Engine engine) {
    this.copy = ModelCopy.of(imported, OpsetUpgrade.irVersion(Ops.OPSET));
    inlining.callFunctions(copy.model());
    new TimeFirst().run(copy.model());
    upgrade(engine);
    holdConstants();
    Branches branches = new Branches(engine, inlining);
    branches.choose(copy.model());
    branches.merge(copy.model());
    if (Unrolling.concerns(copy.model())) {
      Unrolling unrolling = new Unrolling(inlining, engine.types(copy.model()));
      refusals.addAll(unrolling.run(copy.model()).refusals());
      branches.choose(copy.model());
    }
    nameBranches();
    inlining.callFunctions(copy.model());
    standardize(engine);
    refusals.addAll(new Widening(engine).run(copy.model()).refusals());
    holdConstants();
    this.batch = Rebatching.of(copy.model(), engine);
    if (batch.copy().isPresent()) {
      refusals.addAll(SamplesFirst.run(model().graph(), batch.inputs()));
    }
  }

  /**
   * Makes a working copy.
   *
   * @throws UnsupportedModelException if a node cannot be brought to opset {@link Ops#OPSET}
   */
  public static WorkingCopy of(Model imported, Engine engine) {
    return new WorkingCopy(imported, engine);
  }

  private void upgrade(Engine engine) {
    Graph graph = copy.model().graph();
    graph.initializers().stream().filter(Value::isGraphInput).forEach(graph::makeConstant);
    List<Refusal> refused = new OpsetUpgrade(types(engine)).run(copy.model()).refusals();
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(
          refused.stream()
              .map(refusal -> refusal.where() + ": " + refusal.reason())
              .collect(Collectors.joining("; ")));
    }
  }

  /** What the engine infers; what the model declares, where it does not open so old a model. */
  private Types types(Engine engine) {
    try {
      return engine.types(copy.model());
    } catch (ModelException e) {
      return Types.declared();
    }
  }

  private void nameBranches() {
    copy.model().graph().nodes().stream()
        .filter(node -> node.is("If"))
        .map(
            node ->
                new Refusal(
                    node.label(),
                    "stays a branch, whose weights do not train: its condition is computed, and"
                        + " both branches cannot be, or differ in shape"))
        .forEach(refusals::add);
  }

  private void standardize(Engine engine) {
    if (StandardForms.concern(copy.model())) {
      refusals.addAll(new StandardForms(engine.types(copy.model())).run(copy.model()).refusals());
    }
  }

  private void holdConstants() {
    Graph graph = copy.model().graph();
    for (Node node : List.copyOf(graph.nodes())) {
      node.constant().ifPresent(tensor -> graph.fold(node, tensor));
    }
  }

  public Model model() {
    return batch.copy().orElse(copy).model();
  }

  /** The value of the imported model that a value stands for; null if it was made here. */
  public Value original(Value value) {
    Value own = batch.copy().map(freed -> freed.original(value)).orElse(value);
    return copy.original(inlining.origin(own));
  }

  /** The size that every batch has to have; absent where any will do. */
  public Optional<Long> fixedBatch() {
    return batch.copy().isPresent() ? Optional.empty() : Optional.of(batch.size());
  }

  /** What could not be brought into a form that trains, and why the batch is fixed, if it is. */
  public List<Refusal> refusals() {
    List<Refusal> all = new ArrayList<>(refusals);
    if (batch.copy().isEmpty()) {
      all.add(
          new Refusal(
              "batch",
              "stays at %d: %s; %s".formatted(batch.size(), batch.reason(), consequence())));
    }
    return all;
  }

  private String consequence() {
    boolean normalizes =
        copy.model().graph().nodes().stream().anyMatch(node -> node.is("BatchNormalization"));
    return "an update takes the mean of the gradients of several runs"
        + (normalizes ? ", and BatchNormalization sees the samples of one run only" : "");
  }
}
