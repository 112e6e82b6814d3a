package io.espalier.train;

import io.espalier.data.Targets;
import io.espalier.graph.Dim;
import io.espalier.graph.Engine;
import io.espalier.graph.ModelException;
import io.espalier.graph.Types;
import io.espalier.pass.LossKind;
import io.espalier.pass.LossOptions;
import io.espalier.pass.OutputHead;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.WorkingCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The loss of a run: the first output that the targets fit is judged.
 *
 * @param options for the training graph
 * @param fit how the targets fit; absent where only a teacher judges
 */
record LossChoice(LossOptions options, Optional<TargetFit> fit) {
  /** What the settings of a run ask for; otherwise as below. */
  static LossChoice of(
      WorkingCopy copy, Optional<Targets> targets, TrainingSettings settings, Engine engine) {
    LossChoice choice = of(copy, targets, settings.loss(), settings.distillation(), engine);
    LossOptions options = choice.options.withSmoothing(settings.labelSmoothing());
    return new LossChoice(options, choice.fit);
  }

  /**
   * What was asked for, or else what fits the model.
   *
   * @throws ModelException if there are no targets and no teacher stands in for them, or if they
   *     fit no output
   */
  static LossChoice of(
      WorkingCopy copy,
      Optional<Targets> targets,
      Optional<LossKind> asked,
      Optional<LossOptions.Distillation> teacher,
      Engine engine) {
    if (targets.isEmpty()) {
      LossOptions.Distillation alone =
          teacher.orElseThrow(
              () ->
                  new ModelException(
                      "the training data have no labels: name data that have, or let the model"
                          + " learn from its own outputs before pruning with --distill"));
      return new LossChoice(LossOptions.distilled(alone.temperature()), Optional.empty());
    }
    TargetFit fit = fit(copy, targets.get(), engine);
    LossOptions options =
        LossOptions.of(fit.kind(targets.get(), asked)).withOutput(fit.head().output().name());
    return new LossChoice(teacher.map(options::with).orElse(options), Optional.of(fit));
  }

  private static TargetFit fit(WorkingCopy copy, Targets targets, Engine engine) {
    Types types = engine.types(copy.model());
    List<String> expected = new ArrayList<>();
    for (OutputHead head : TrainingGraphs.heads(copy, engine)) {
      List<Dim> dims = types.dims(head.raw()).orElse(List.of());
      Optional<TargetFit> fit = TargetFit.of(head, dims, targets);
      if (fit.isPresent()) {
        return fit.get();
      }
      expected.add(TargetFit.expected(head, dims));
    }
    throw new ModelException(
        "%s: targets of shape %s per sample fit no output of the model; expected %s"
            .formatted(targets.where(), targets.sample(), String.join(", ", expected)));
  }

  LossKind kind() {
    return options.kind().orElseThrow();
  }
}
