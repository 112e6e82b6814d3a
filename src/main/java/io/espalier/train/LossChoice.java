package io.espalier.train;

import io.espalier.graph.Dim;
import io.espalier.graph.Engine;
import io.espalier.graph.ModelException;
import io.espalier.graph.Types;
import io.espalier.pass.Activation;
import io.espalier.pass.LossKind;
import io.espalier.pass.LossOptions;
import io.espalier.pass.OutputHead;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.WorkingCopy;
import java.util.List;
import java.util.Optional;

/**
 * The loss of a run.
 *
 * @param options for the training graph
 * @param classes how many the judged output tells apart; 0 if that is not known
 */
record LossChoice(LossOptions options, long classes) {
  /**
   * What was asked for, or else what fits the model.
   *
   * @throws ModelException if the data have no labels and no teacher stands in for them
   */
  static LossChoice of(
      WorkingCopy copy, TrainingSettings settings, boolean labelled, Engine engine) {
    if (!labelled && settings.distillation().isEmpty()) {
      throw new ModelException(
          "the training data have no labels: name data that have, or let the model learn from its"
              + " own outputs before pruning with --distill");
    }
    if (!labelled) {
      return new LossChoice(LossOptions.distilled(settings.distillation().get().temperature()), 0);
    }
    Types types = engine.types(copy.model());
    OutputHead head =
        TrainingGraphs.head(copy, LossOptions.of(LossKind.LABELS), engine).orElseThrow();
    long classes = classes(types.dims(head.raw()), head.axis());
    LossKind kind = settings.loss().orElseGet(() -> fitting(head.activation(), classes));
    LossOptions options = LossOptions.of(kind);
    return new LossChoice(settings.distillation().map(options::with).orElse(options), classes);
  }

  private static LossKind fitting(Activation activation, long classes) {
    LossKind kind = LossKind.fitting(activation, true);
    return kind == LossKind.LABELS && classes == 1 ? LossKind.SQUARED_ERROR : kind;
  }

  private static long classes(Optional<List<Dim>> dims, int axis) {
    return dims.filter(known -> axis < known.size())
        .map(known -> known.get(axis))
        .map(dim -> dim instanceof Dim.Known size ? size.size() : 0L)
        .orElse(0L);
  }
}
