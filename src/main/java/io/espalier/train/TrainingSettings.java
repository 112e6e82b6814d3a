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
    return builder(epochs).build();
  }

  /** Starts from what {@link #of} gives. */
  public static Builder builder(int epochs) {
    return new Builder(epochs);
  }

  /** Starts from these settings. */
  public Builder toBuilder() {
    Builder builder = new Builder(epochs);
    builder.batch = batch;
    builder.optimizer = optimizer;
    builder.rate = rate;
    builder.rateSchedule = rateSchedule;
    builder.loss = loss;
    builder.labelSmoothing = labelSmoothing;
    builder.distillation = distillation;
    builder.clipping = clipping;
    builder.coupledDecay = coupledDecay;
    builder.l1 = l1;
    builder.l2 = l2;
    builder.freeze = freeze;
    builder.particulars = particulars;
    builder.split = split;
    builder.stopping = stopping;
    builder.sparsening = sparsening;
    builder.sharing = sharing;
    return builder;
  }

  double startingRate() {
    return rate.orElse(optimizer.defaultLearningRate());
  }

  /** Settings that are said one by one; what each means says {@link TrainingSettings}. */
  public static final class Builder {

    private final int epochs;
    private int batch = 128;
    private Optimizer optimizer = Adam.defaults(Dialect.PYTORCH);
    private OptionalDouble rate = OptionalDouble.empty();
    private String rateSchedule = "fixed";
    private Optional<LossKind> loss = Optional.empty();
    private double labelSmoothing;
    private Optional<LossOptions.Distillation> distillation = Optional.empty();
    private Clipping clipping = Clipping.NONE;
    private double coupledDecay;
    private double l1;
    private double l2;
    private List<String> freeze = List.of();
    private Particulars particulars = Particulars.NONE;
    private Optional<ValidationSplit> split = Optional.empty();
    private Optional<EarlyStopping.Settings> stopping = Optional.empty();
    private Sparsening sparsening = Sparsening.DEFAULT;
    private Optional<WeightSharing> sharing = Optional.empty();

    private Builder(int epochs) {
      this.epochs = epochs;
    }

    public Builder batch(int batch) {
      this.batch = batch;
      return this;
    }

    public Builder optimizer(Optimizer optimizer) {
      this.optimizer = optimizer;
      return this;
    }

    public Builder rate(OptionalDouble rate) {
      this.rate = rate;
      return this;
    }

    public Builder rateSchedule(String rateSchedule) {
      this.rateSchedule = rateSchedule;
      return this;
    }

    public Builder loss(Optional<LossKind> loss) {
      this.loss = loss;
      return this;
    }

    public Builder labelSmoothing(double labelSmoothing) {
      this.labelSmoothing = labelSmoothing;
      return this;
    }

    public Builder distillation(Optional<LossOptions.Distillation> distillation) {
      this.distillation = distillation;
      return this;
    }

    public Builder clipping(Clipping clipping) {
      this.clipping = clipping;
      return this;
    }

    public Builder coupledDecay(double coupledDecay) {
      this.coupledDecay = coupledDecay;
      return this;
    }

    public Builder l1(double l1) {
      this.l1 = l1;
      return this;
    }

    public Builder l2(double l2) {
      this.l2 = l2;
      return this;
    }

    public Builder freeze(List<String> freeze) {
      this.freeze = freeze;
      return this;
    }

    public Builder particulars(Particulars particulars) {
      this.particulars = particulars;
      return this;
    }

    public Builder split(Optional<ValidationSplit> split) {
      this.split = split;
      return this;
    }

    public Builder stopping(Optional<EarlyStopping.Settings> stopping) {
      this.stopping = stopping;
      return this;
    }

    public Builder sparsening(Sparsening sparsening) {
      this.sparsening = sparsening;
      return this;
    }

    public Builder sharing(Optional<WeightSharing> sharing) {
      this.sharing = sharing;
      return this;
    }

    public TrainingSettings build() {
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
  }
}
