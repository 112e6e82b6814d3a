package io.espalier.runtime;

import java.util.Locale;

/** Where onnxruntime computes. */
public enum Device {
  CPU,
  CUDA;

  /**
   * The device of that name, {@code cpu} or {@code cuda}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static Device of(String name) {
    for (Device device : values()) {
      if (device.toString().equals(name)) {
        return device;
      }
    }
    throw new IllegalArgumentException("device: expected cpu or cuda, got " + name);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
