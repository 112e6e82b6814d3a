package io.espalier.train;

/**
 * What an update does to a parameter besides following the gradient of the loss.
 *
 * @param penalty part of the loss, its gradient added to that of the data
 * @param proximalL1 λ of a proximal step after the optimizer's: w ← sign(w) max(|w| − ηλ, 0), which
 *     reaches exact zeros where the penalty's subgradient only oscillates around them; 0 for none
 * @param nonNegative whether weights below 0 are set to 0 after the step
 * @param decays whether the optimizer's decoupled weight decay applies
 * @param coupledDecay λ of λw, added to the gradient after clipping and no part of the loss: {@code
 *     weight_decay} of PyTorch's SGD, RMSprop and Adam; 0 for none
 */
public record Treatment(
    Penalty penalty, double proximalL1, boolean nonNegative, boolean decays, double coupledDecay) {
  /** Decays if the optimizer does, nothing else. */
  public static final Treatment PLAIN = new Treatment(Penalty.NONE, 0, false, true, 0);

  public Treatment {
    if (!(proximalL1 >= 0) || Double.isInfinite(proximalL1)) {
      throw new IllegalArgumentException("proximal L1: expected 0 or more, got " + proximalL1);
    }
  }

  /** The same with another penalty. */
  public Treatment withPenalty(Penalty other) {
    return new Treatment(other, proximalL1, nonNegative, decays, coupledDecay);
  }

  /** The same with weights that stay 0 or above. */
  public Treatment withoutNegatives() {
    return new Treatment(penalty, proximalL1, true, decays, coupledDecay);
  }

  /** The same with another decay by the gradient. */
  public Treatment withCoupledDecay(double decay) {
    return new Treatment(penalty, proximalL1, nonNegative, decays, decay);
  }
}
