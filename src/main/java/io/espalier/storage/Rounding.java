package io.espalier.storage;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Tensor;
import io.espalier.prune.Codebook;
import java.util.Optional;

/**
 * Moves the elements of a float32 tensor to numbers that take fewer bits, as far as an error
 * allows: 16 values found by k-means, 255 values at equal distances on both sides of zero
 * (symmetric int8), or float16. Zeros stay zeros.
 */
final class Rounding {
  private static final int FEW = 16;
  private static final int STEPS = 127;

  private final float[] elements;
  private final float largest;
  private final double most;

  private Rounding(float[] elements, double share) {
    this.elements = elements;
    float magnitude = 0;
    for (float element : elements) {
      magnitude = Math.max(magnitude, Math.abs(element));
    }
    this.largest = magnitude;
    this.most = share * magnitude;
  }

  /**
   * The tensor with as few different values as the error allows; absent where it allows none of the
   * above.
   *
   * @param share the largest error of an element, as a share of the tensor's largest magnitude
   */
  static Optional<Tensor> of(Tensor tensor, double share) {
    boolean known = tensor.dataType() == DataType.FLOAT;
    if (share == 0 || !known || tensor.byteSize() > Integer.MAX_VALUE - 8) {
      return Optional.empty();
    }
    int count = (int) tensor.shape().elements();
    float[] elements = new float[count];
    Floats.read(tensor, 0, elements, 0, count, Floats.scratch(count));
    Rounding rounding = new Rounding(elements, share);
    return rounding.best().map(rounded -> ArrayTensor.of(tensor.shape(), rounded));
  }

  private Optional<float[]> best() {
    return within(few()).or(() -> within(steps())).or(() -> within(halves()));
  }

  private Optional<float[]> within(float[] rounded) {
    for (int i = 0; i < rounded.length; i++) {
      if (!(Math.abs((double) rounded[i] - elements[i]) <= most)) {
        return Optional.empty();
      }
    }
    return Optional.of(rounded);
  }

  private float[] few() {
    Codebook codebook = Codebook.fit(elements, FEW, Codebook.Start.LINEAR, 0);
    float[] rounded = elements.clone();
    codebook.apply(rounded, codebook.codes(elements));
    return rounded;
  }

  private float[] steps() {
    float step = largest / STEPS;
    float[] rounded = new float[elements.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = elements[i] == 0 ? 0 : Math.round(elements[i] / step) * step;
    }
    return rounded;
  }

  private float[] halves() {
    float[] rounded = new float[elements.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = Floats.fromFloat16(Floats.toFloat16(elements[i]));
    }
    return rounded;
  }
}
