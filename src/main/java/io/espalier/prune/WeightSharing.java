package io.espalier.prune;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Refusal;
import io.espalier.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Lets the weights of a tensor share few values.
 *
 * @param entries values of a tensor, zero included
 * @param start where k-means starts from
 * @param epochs of a training run, its last ones, in which the values train: the gradient of one is
 *     the sum over the weights that share it; absent: a fifth of the run
 */
public record WeightSharing(int entries, Codebook.Start start, OptionalInt epochs) {
  /** As many as codes of a byte tell apart. */
  public static final int MOST_ENTRIES = 256;

  public WeightSharing {
    if (entries < 2 || entries > MOST_ENTRIES) {
      throw new IllegalArgumentException(
          "--codebook: expected 2 to %d entries, got %d".formatted(MOST_ENTRIES, entries));
    }
  }

  /**
   * The epochs of a run in which the values train.
   *
   * @throws IllegalArgumentException if the run is shorter
   */
  public int epochsOf(int run) {
    int wanted = epochs.orElse(Math.max(1, run / 5));
    if (wanted < 1 || wanted > run) {
      throw new IllegalArgumentException(
          "--codebook-epochs: expected 1 to --epochs %d, got %d".formatted(run, wanted));
    }
    return wanted;
  }

  /** The values for these weights. */
  public Codebook fit(float[] weights, long seed) {
    return Codebook.fit(weights, entries, start, seed);
  }

  /**
   * Gives weights that do not train their values.
   *
   * @return what could not share values, and why
   */
  public List<Refusal> apply(List<Weight> weights, long seed) {
    List<Refusal> refusals = new ArrayList<>();
    for (Weight weight : weights) {
      Tensor tensor = weight.tensor();
      if (tensor.dataType() != DataType.FLOAT
          || tensor.shape().elements() > Integer.MAX_VALUE / 8) {
        refusals.add(
            new Refusal(weight.value().name(), "shares no values: only float32 weights do"));
        continue;
      }
      int count = (int) tensor.shape().elements();
      float[] values = new float[count];
      Floats.read(tensor, 0, values, 0, count, Floats.scratch(count));
      Codebook codebook = fit(values, seed);
      codebook.apply(values, codebook.codes(values));
      weight.replace(ArrayTensor.of(tensor.shape(), values));
    }
    return refusals;
  }
}
