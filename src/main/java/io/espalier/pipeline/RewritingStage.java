package io.espalier.pipeline;

import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Node;
import io.espalier.graph.Refusal;
import io.espalier.graph.Types;
import io.espalier.pass.FoldBatchNormalization;
import io.espalier.pass.Pass;
import io.espalier.pass.PassResult;
import io.espalier.pass.Strip;
import io.espalier.runtime.OrtEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes out of the graph what inference does not need, after training what only that needed, and
 * BatchNormalization where the recipe asks for it; brings it to the opset that the recipe names.
 */
final class RewritingStage {
  private final Recipe recipe;
  private final InputModel input;
  private final Listener listener;
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean changed;

  private RewritingStage(Recipe recipe, InputModel input, Listener listener) {
    this.recipe = recipe;
    this.input = input;
    this.listener = listener;
  }

  /**
   * Rewrites the input's model in place.
   *
   * @throws ModelException if onnxruntime finds that it no longer gives what it gave
   */
  static RewritingStage run(Recipe recipe, InputModel input, Listener listener) throws IOException {
    RewritingStage stage = new RewritingStage(recipe, input, listener);
    stage.run();
    return stage;
  }

  private void run() throws IOException {
    if (recipe.training().isOn() && recipe.rewriting().strip()) {
      strip();
    }
    if (recipe.rewriting().opset().isPresent()) {
      raise(recipe.rewriting().opset().get());
    }
    if (recipe.rewriting().foldBatchNormalization()) {
      int folded = confirmed(RewritingCheck.FOLDING, new FoldBatchNormalization(types()));
      notes.add(
          "folded %d BatchNormalization nodes into the weights before them".formatted(folded));
    }
  }

  private void raise(long opset) throws IOException {
    notes.add(OpsetRaise.plan(input.model(), opset));
    if (input.model().opsets().get("") < opset) {
      confirmed(RewritingCheck.RAISING, model -> raised(model, opset));
      changed = true;
    }
  }

  private static PassResult raised(Model model, long opset) {
    OpsetRaise.run(model, opset);
    return new PassResult(1, List.of());
  }

  private void strip() throws IOException {
    List<Node> nodes = input.model().graph().nodes();
    if (nodes.stream().anyMatch(RewritingStage::isInTrainingForm)) {
      int stripped = rewrite(new Strip());
      notes.add(
          "stripped: %d nodes; those in the form of training have that of inference now, which is"
                  .formatted(stripped)
              + " meant to give something else (--no-strip keeps them)");
    } else if (nodes.stream().anyMatch(node -> node.is("Dropout"))) {
      int stripped = confirmed(RewritingCheck.STRIPPING, new Strip());
      notes.add(
          "stripped: %d nodes of no use in inference (--no-strip keeps them)".formatted(stripped));
    }
  }

  /** Whether a node does at inference what belongs to training. */
  private static boolean isInTrainingForm(Node node) {
    boolean drops =
        node.is("Dropout")
            && node.input(2)
                .map(mode -> mode.constant().map(on -> on.bytes().get(0) != 0).orElse(true))
                .orElse(false);
    return drops || node.is("BatchNormalization") && node.intAttribute("training_mode", 0) != 0;
  }

  private Types types() {
    try {
      return new OrtEngine().types(input.model());
    } catch (ModelException e) {
      return Types.declared(); // onnxruntime does not open the model; most folds need no types
    }
  }

  private int rewrite(Pass pass) {
    PassResult result = pass.run(input.model());
    refusals.addAll(result.refusals());
    changed |= result.changes() > 0;
    return result.changes();
  }

  /** Rewrites, and has onnxruntime run the model as it was and as it is on the same inputs. */
  private int confirmed(RewritingCheck.Step step, Pass pass) throws IOException {
    Stages.begin(listener, step.name());
    if (!recipe.verification().verify()) {
      return rewrite(pass);
    }
    try (RewritingCheck check =
        RewritingCheck.before(
            input,
            RuntimeOptions.session(recipe.data(), recipe.execution()),
            RuntimeOptions.inputs(recipe.data(), recipe.execution()))) {
      int changes = rewrite(pass);
      if (changes > 0) {
        check.after(step).ifPresent(refusals::add);
      }
      return changes;
    }
  }

  boolean changed() {
    return changed;
  }

  List<Refusal> refusals() {
    return refusals;
  }

  List<String> notes() {
    return notes;
  }
}
