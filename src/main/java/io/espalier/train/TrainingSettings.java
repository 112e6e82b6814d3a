package io.espalier.train;

import io.espalier.pass.LossKind;
import io.espalier.pass.LossOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a user decides about a training run.
 *
 * @param batch samples in an update
 * @param rate the learning rate to start from; absent: the optimizer's own
 * @param rateSchedule in the text form of {@link LearningRate#help}
 * @param loss absent: what fits the model's last activation
 * @param distillation how the outputs are also held close to those of the model as it came in, if
 *     they are; it alone judges where the data have no targets
 * @param clipping how gradients are limited
 * @param coupledDecay λ of λw in the gradient of every weight, {@link Treatment#coupledDecay}
 * @param l1 λ of a penalty λ Σ|w| on the prunable weights
 * @param l2 λ of a penalty λ Σw² on the prunable weights
 * @param freeze globs of weights, or of nodes that use them, that neither train nor are pruned
 * @param split the part of the training data that validates, unless there are data of its own
 * @param stopping absent: the run goes to its end; the best epoch is kept if there are validation
 *     data
 */
public record TrainingSettings(
    int epochs,
    int batch,
    Optimizer optimizer,
    OptionalDouble rate,
    String rateSchedule,
    Optional<LossKind> loss,
    Optional<LossOptions.Distillation> distillation,
    Clipping clipping,
    double coupledDecay,
    double l1,
    double l2,
    List<String> freeze,
    Optional<ValidationSplit> split,
    Optional<EarlyStopping.Settings> stopping,
    Sparsening sparsening) {

  public TrainingSettings {
    freeze = List.copyOf(freeze);
  }

  /** Adam at its own rate, batches of 128, nothing else. */
  public static TrainingSettings of(int epochs) {
    return new TrainingSettings(
        epochs,
        128,
        Adam.defaults(Dialect.PYTORCH),
        OptionalDouble.empty(),
        "fixed",
        Optional.empty(),
        Optional.empty(),
        Clipping.NONE,
        0,
        0,
        0,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Sparsening.DEFAULT);
  }

  double startingRate() {
    return rate.orElse(optimizer.defaultLearningRate());
  }
}
