package io.espalier.train;

/**
 * Whose formulas an optimizer follows: PyTorch's and Keras' optimizers of one name differ in where
 * ε stands, in whether the velocity holds the learning rate, and in their defaults.
 */
public enum Dialect {
  /** {@code torch.optim}, for models that came as ONNX. */
  PYTORCH,
  /** {@code keras.optimizers} of Keras 3, for models that came as Keras files. */
  KERAS
}
