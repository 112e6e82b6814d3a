package io.espalier.pass;

/** What a model applies to its last linear layer. */
public enum Activation {
  SOFTMAX,
  LOG_SOFTMAX,
  SIGMOID,
  NONE
}
