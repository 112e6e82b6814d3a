package io.espalier.train;

import io.espalier.pass.LossKind;
import io.espalier.pass.LossOptions;
import io.espalier.prune.WeightSharing;
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
 * @param labelSmoothing the share of every target that is spread over all classes
 * @param distillation how the outputs are also held close to those of the model as it came in, if
 *     they are; it alone judges where the data have no targets
 * @param clipping how gradients are limited
 * @param coupledDecay λ of λw in the gradient of every weight, {@link Treatment#coupledDecay}
 * @param l1 λ of a penalty λ Σ|w| on the prunable weights
 * @param l2 λ of a penalty λ Σw² on the prunable weights
 * @param freeze globs of weights, or of nodes that use them, that neither train nor are pruned
 * @param particulars what holds for single weights instead
 * @param split the part of the training data that validates, unless there are data of its own
 * @param stopping absent: the run goes to its end; the best epoch is kept if there are validation
 *     data
 * @param sharing whether prunable weights come to share few values
 */
public record TrainingSettings(
    int epochs,
    int batch,
    Optimizer optimizer,
    OptionalDouble rate,
    String rateSchedule,
    Optional<LossKind> loss,
    double labelSmoothing,
    Optional<LossOptions.Distillation> distillation,
    Clipping clipping,
    double coupledDecay,
    double l1,
    double l2,
    List<String> freeze,
    Particulars particulars,
    Optional<ValidationSplit> split,
    Optional<EarlyStopping.Settings> stopping,
    Sparsening sparsening,
    Optional<WeightSharing> sharing) {

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
        0,
        Optional.empty(),
        Clipping.NONE,
        0,
        0,
        0,
        List.of(),
        Particulars.NONE,
        Optional.empty(),
        Optional.empty(),
        Sparsening.DEFAULT,
        Optional.empty());
  }

  /** The same with another optimizer, its rate, and λ of λw in the gradient. */
  public TrainingSettings with(Optimizer optimizer, OptionalDouble rate, double coupledDecay) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        loss,
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        sharing);
  }

  /** The same with prunable weights that come to share few values. */
  public TrainingSettings with(WeightSharing sharing) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        loss,
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        Optional.of(sharing));
  }

  /** The same with a rate that moves otherwise. */
  public TrainingSettings withRateSchedule(String rateSchedule) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        loss,
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        sharing);
  }

  /** The same with gradients limited otherwise. */
  public TrainingSettings with(Clipping clipping) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        loss,
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        sharing);
  }

  /** The same with another loss. */
  public TrainingSettings with(LossKind kind, double labelSmoothing) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        Optional.of(kind),
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        sharing);
  }

  /** The same with other rules for single weights. */
  public TrainingSettings with(Particulars particulars) {
    return new TrainingSettings(
        epochs,
        batch,
        optimizer,
        rate,
        rateSchedule,
        loss,
        labelSmoothing,
        distillation,
        clipping,
        coupledDecay,
        l1,
        l2,
        freeze,
        particulars,
        split,
        stopping,
        sparsening,
        sharing);
  }

  double startingRate() {
    return rate.orElse(optimizer.defaultLearningRate());
  }
}
