package io.espalier.quantize;

import io.espalier.graph.Refusal;
import java.util.List;

/**
 * What became integers, and what did not.
 *
 * @param weights in the order of the model
 * @param activations how many values between layers were given a grid
 * @param refusals what was left as it was, and why
 */
public record QuantizationResult(List<WeightRow> weights, int activations, List<Refusal> refusals) {
  public QuantizationResult {
    weights = List.copyOf(weights);
    refusals = List.copyOf(refusals);
  }

  /**
   * One weight.
   *
   * @param bytesBefore of its elements as they were
   * @param bytesAfter of its codes, scales and zero points
   * @param maxError the largest difference of an element
   */
  public record WeightRow(
      String name, long elements, long bytesBefore, long bytesAfter, double maxError) {}
}
