package io.espalier.pass;

import io.espalier.graph.Dim;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import java.util.List;

/** What a training graph has to be fed besides samples and targets. */
public final class TrainingInputs {
  private TrainingInputs() {}

  /**
   * A parameter that trains.
   *
   * @param original the value of the imported model that holds it: an initializer, or the output of
   *     a {@code Constant}
   * @param input where it is fed: of the tensor's shape, float even where the tensor is of 16 bits
   * @param initial what the model comes with
   */
  public record Weight(Value original, Value input, Tensor initial) {}

  /**
   * A mask to be drawn anew for each step: 0 with probability {@code rate}, else 1 / (1 - rate).
   *
   * @param dims of the mask, known but for the batch's; it is named as the batch is elsewhere
   */
  public record Mask(Value input, float rate, List<Dim> dims) {}

  /**
   * A mean or variance that follows the batches.
   *
   * @param updated the output that gives what to feed at the next step
   */
  public record Statistic(Value original, Value input, Value updated, Tensor initial) {}
}
