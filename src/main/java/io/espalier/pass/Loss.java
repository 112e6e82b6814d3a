package io.espalier.pass;

import io.espalier.graph.DataType;
import io.espalier.graph.Ops;
import io.espalier.graph.Types;
import io.espalier.graph.UnsupportedModelException;
import io.espalier.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Appends the whole loss: that of the targets and that of the teacher, mixed. */
final class Loss {
  private final Ops ops;
  private final Types types;
  private final LossOptions options;

  /** What was appended; see {@link TrainingGraph}. */
  record Appended(
      Value loss,
      Optional<Value> right,
      Optional<Value> targets,
      Optional<Value> sampleWeights,
      Map<String, Value> teachers) {}

  Loss(Ops ops, Types types, LossOptions options) {
    this.ops = ops.in("loss");
    this.types = types;
    this.options = options;
  }

  Appended append(List<OutputHead> heads) {
    OutputHead judged = judged(heads);
    TargetLoss.Appended targets =
        options
            .kind()
            .map(kind -> TargetLoss.append(ops, judged, kind, options, types))
            .orElse(null);
    Map<String, Value> teachers = new LinkedHashMap<>();
    Value distance =
        options.distillation().map(teacher -> distance(heads, teacher, teachers)).orElse(null);
    Value loss = ops.in("").call("Identity", mixed(targets, distance));
    ops.graph().rename(loss, "loss");
    Optional<Value> right = Optional.empty();
    if (targets != null && targets.right() != null) {
      ops.graph().rename(targets.right(), "right");
      right = Optional.of(targets.right());
    }
    return new Appended(
        loss,
        right,
        Optional.ofNullable(targets).map(TargetLoss.Appended::targets),
        Optional.ofNullable(targets).map(TargetLoss.Appended::weights),
        teachers);
  }

  private OutputHead judged(List<OutputHead> heads) {
    return heads.stream()
        .filter(head -> options.output().map(head.output().name()::equals).orElse(true))
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "output '%s': expected one of %s"
                        .formatted(
                            options.output().orElseThrow(),
                            heads.stream().map(OutputHead::output).toList())));
  }

  private Value distance(
      List<OutputHead> heads, LossOptions.Distillation teacher, Map<String, Value> teachers) {
    TeacherLoss losses = new TeacherLoss(ops, types, teacher.temperature());
    boolean classes =
        options
            .kind()
            .filter(kind -> kind == LossKind.LABELS || kind == LossKind.DISTRIBUTIONS)
            .isPresent();
    List<Value> terms = new ArrayList<>();
    for (OutputHead head : heads) {
      boolean judged = head.equals(judged(heads));
      TeacherLoss.Appended term = losses.append(head, classes && judged);
      teachers.put(head.output().name(), term.teacher());
      terms.add(term.loss());
    }
    return ops.sum(terms);
  }

  private Value mixed(TargetLoss.Appended targets, Value distance) {
    if (targets == null) {
      return distance;
    }
    if (distance == null) {
      return targets.loss();
    }
    double mix = options.distillation().orElseThrow().mix();
    return ops.add(
        ops.mul(targets.loss(), ops.scalar(DataType.FLOAT, 1 - mix)),
        ops.mul(distance, ops.scalar(DataType.FLOAT, mix)));
  }
}
