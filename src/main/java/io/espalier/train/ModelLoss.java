package io.espalier.train;

import io.espalier.data.Dataset;
import io.espalier.data.Targets;
import io.espalier.graph.Engine;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.pass.LossKind;
import io.espalier.pass.TrainingGraph;
import io.espalier.pass.TrainingGraphs;
import io.espalier.pass.TrainingOptions;
import io.espalier.pass.WorkingCopy;
import io.espalier.runtime.OrtEngine;
import io.espalier.runtime.SessionOptions;
import java.util.Optional;
import java.util.stream.IntStream;

/** The loss of a model as it is, in inference form, on whatever samples. */
public final class ModelLoss {
  private final WorkingCopy copy;
  private final LossChoice loss;
  private final Engine engine = new OrtEngine();

  /**
   * The loss that targets ask for.
   *
   * @param asked absent: what fits the model's last activation
   * @throws ModelException if the targets fit no output, or the model is none that could be trained
   */
  public ModelLoss(Model model, Targets targets, Optional<LossKind> asked) {
    this.copy = WorkingCopy.of(model, engine);
    this.loss = LossChoice.of(copy, Optional.of(targets), asked, Optional.empty(), engine);
  }

  /** The kind that was chosen. */
  public LossKind kind() {
    return loss.kind();
  }

  /** A judge of the same outputs against targets of the same form. */
  public Judge judge(Targets targets) {
    return new Judge(loss, targets);
  }

  /**
   * The mean loss over all samples, without penalties.
   *
   * @throws ModelException if the data do not fit, or onnxruntime fails
   */
  public double of(Dataset data, int batch, SessionOptions options) {
    SampleTable samples = SampleTable.of(data);
    TrainingOptions inference =
        TrainingOptions.training(loss.options()).training(value -> false).evaluating();
    TrainingGraph graph = TrainingGraphs.derive(copy, inference, engine);
    TargetWriter targets =
        new TargetWriter(graph.targets().orElseThrow(), data.targets().orElseThrow(), loss);
    targets.requireInRange(data.name());
    int size = copy.fixedBatch().map(Math::toIntExact).orElse(batch);
    int[] rows = IntStream.range(0, samples.samples() - samples.samples() % fixedSize()).toArray();
    try (LossGraph open =
        new LossGraph(graph, options, samples, Optional.of(targets), Optional.empty(), 0)) {
      return new Evaluation(open, rows, size).run((done, total) -> {}).loss().orElseThrow();
    }
  }

  private int fixedSize() {
    return copy.fixedBatch().map(Math::toIntExact).orElse(1);
  }
}
