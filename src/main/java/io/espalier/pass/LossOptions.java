package io.espalier.pass;

import java.util.Optional;

/**
 * What the loss of a training graph is made of.
 *
 * @param output the model's output that is judged by targets; its first float output if absent
 * @param kind how it is judged; not at all if absent, which leaves distillation
 * @param smoothing the share s of every target that is spread over all classes evenly: t(1 − s) +
 *     s/C; of a binary target t(1 − s) + s/2; {@code label_smoothing} of Keras
 * @param weighted whether each sample has a weight; the loss is then Σ w l / N, as Keras has it
 * @param distillation how the outputs are held close to a teacher's, if they are
 */
public record LossOptions(
    Optional<String> output,
    Optional<LossKind> kind,
    double smoothing,
    boolean weighted,
    Optional<Distillation> distillation) {

  /**
   * The share of a teacher in the loss (arXiv:1503.02531).
   *
   * @param temperature that logits are divided by; 1 leaves them
   * @param mix the teacher's share, from 0 to 1; the rest is that of the targets
   */
  public record Distillation(double temperature, double mix) {
    /** Temperature 2, half of the loss. */
    public static final Distillation DEFAULT = new Distillation(2, 0.5);

    public Distillation {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("temperature: expected above 0, got " + temperature);
      }
      if (!(mix >= 0 && mix <= 1)) {
        throw new IllegalArgumentException("mix: expected 0 to 1, got " + mix);
      }
    }
  }

  public LossOptions {
    if (kind.isEmpty() && distillation.isEmpty()) {
      throw new IllegalArgumentException("a loss needs targets or a teacher");
    }
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing: expected 0 up to but not 1, got " + smoothing);
    }
  }

  /** Targets alone, each sample counting the same. */
  public static LossOptions of(LossKind kind) {
    return new LossOptions(Optional.empty(), Optional.of(kind), 0, false, Optional.empty());
  }

  /** The teacher alone. */
  public static LossOptions distilled(double temperature) {
    return new LossOptions(
        Optional.empty(),
        Optional.empty(),
        0,
        false,
        Optional.of(new Distillation(temperature, 1)));
  }

  public LossOptions withOutput(String name) {
    return new LossOptions(Optional.of(name), kind, smoothing, weighted, distillation);
  }

  public LossOptions withWeights() {
    return new LossOptions(output, kind, smoothing, true, distillation);
  }

  public LossOptions withSmoothing(double share) {
    return new LossOptions(output, kind, share, weighted, distillation);
  }

  public LossOptions with(Distillation teacher) {
    return new LossOptions(output, kind, smoothing, weighted, Optional.of(teacher));
  }
}
