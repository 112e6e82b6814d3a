package io.espalier.prune;

import io.espalier.graph.ArrayTensor;
import io.espalier.graph.DataType;
import io.espalier.graph.Floats;
import io.espalier.graph.Refusal;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Lets the weights of a tensor, or of each of its output channels, share few values.
 *
 * @param entries values of a tensor or channel, zero included
 * @param per what shares them
 * @param start where k-means starts from
 * @param epochs of a training run, its last ones, in which the values train: the gradient of one is
 *     the sum over the weights that share it; absent: a fifth of the run
 */
public record WeightSharing(int entries, Per per, Codebook.Start start, OptionalInt epochs) {
  /** As many as codes of a byte tell apart. */
  public static final int MOST_ENTRIES = 256;

  /** What shares values. */
  public enum Per {
    /** All elements of a tensor. */
    TENSOR,
    /** Those of an output channel: a filter, a neuron. */
    CHANNEL
  }

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

  /** The values for what a weight holds now. */
  public SharedValues fit(float[] values, Weight weight, long seed) {
    OptionalInt axis = per == Per.CHANNEL ? weight.outputAxis() : OptionalInt.empty();
    if (axis.isEmpty()) {
      return SharedValues.fit(values, 1, values.length, this, seed);
    }
    Shape shape = weight.shape();
    int channels = (int) shape.dim(axis.getAsInt());
    int stride = (int) shape.elements(axis.getAsInt() + 1, shape.rank());
    return SharedValues.fit(values, channels, stride, this, seed);
  }

  /** What is to be said of a weight that shares values otherwise than asked for. */
  public Optional<Refusal> refusal(Weight weight) {
    return per == Per.CHANNEL && weight.outputAxis().isEmpty()
        ? Optional.of(
            new Refusal(
                weight.name(),
                "shares values of the whole tensor: which of its axes are channels is not known"))
        : Optional.empty();
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
      SharedValues shared = fit(values, weight, seed);
      shared.apply(values, shared.codes(values));
      refusal(weight).ifPresent(refusals::add);
      weight.replace(ArrayTensor.of(tensor.shape(), values));
    }
    return refusals;
  }
}
