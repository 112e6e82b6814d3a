package io.espalier.pipeline;

/** What a training run can take from how a model of Keras was compiled. */
public enum CompiledSetting {
  /** The optimizer with its settings. */
  OPTIMIZER,
  /** Its rate. */
  RATE,
  /** How the rate moves. */
  SCHEDULE,
  /** How gradients are limited. */
  CLIPPING,
  /** Its weight decay. */
  DECAY,
  /** The loss. */
  LOSS,
  /** The loss's label smoothing. */
  SMOOTHING,
  /** Penalties of single layers. */
  PENALTIES,
  /** Which layers are not trainable. */
  FROZEN,
  /** What holds for weights after every update. */
  CONSTRAINTS
}
