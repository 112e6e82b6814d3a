package io.espalier.network;

import io.espalier.graph.Attribute;
import io.espalier.graph.Shape;
import io.espalier.graph.Value;
import java.util.Map;

/**
 * Batch normalization over the channels, or over the features of a vector, with {@code scale} 1,
 * {@code shift} 0, {@code mean} 0 and {@code variance} 1 at first (Ioffe and Szegedy 2015).
 *
 * @param epsilon added to the variance
 * @param momentum the share of a running statistic that a batch leaves as it is
 */
public record BatchNorm(double epsilon, double momentum) implements Layer {
  /** ONNX' defaults: 1e-5 and 0.9. */
  public static final BatchNorm DEFAULT = new BatchNorm(1e-5, 0.9);

  public BatchNorm {
    if (!(epsilon > 0 && epsilon < 1)) {
      throw new IllegalArgumentException("epsilon: expected between 0 and 1, got " + epsilon);
    }
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException(
          "momentum: expected 0 up to but not including 1, got " + momentum);
    }
  }

  @Override
  public String kind() {
    return "batch-norm";
  }

  @Override
  public Shape outputShape(Shape in) {
    return in;
  }

  @Override
  public double parameters(Shape in) {
    return 4.0 * in.dim(0);
  }

  @Override
  public Value emit(Emission emission, Value x, Shape in) {
    long channels = in.dim(0);
    return emission.call(
        "BatchNormalization",
        Map.of(
            "epsilon", Attribute.of((float) epsilon), "momentum", Attribute.of((float) momentum)),
        x,
        emission.filled("scale", channels, 1),
        emission.filled("shift", channels, 0),
        emission.filled("mean", channels, 0),
        emission.filled("variance", channels, 1));
  }
}
