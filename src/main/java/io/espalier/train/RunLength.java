package io.espalier.train;

/**
 * How long a training run is, unless something stops it.
 *
 * @param stepsPerEpoch updates in one pass over the training samples, the partial last one counted
 */
public record RunLength(int epochs, int stepsPerEpoch) {
  public RunLength {
    if (epochs < 1 || stepsPerEpoch < 1) {
      throw new IllegalArgumentException(
          "a run of %d epochs of %d steps: expected 1 or more".formatted(epochs, stepsPerEpoch));
    }
    Math.multiplyExact(epochs, stepsPerEpoch);
  }

  /** The run over {@code samples} samples in batches of {@code batch}. */
  public static RunLength of(int epochs, int samples, int batch) {
    return new RunLength(epochs, (samples - 1) / batch + 1);
  }

  /** Updates in the whole run. */
  public int steps() {
    return epochs * stepsPerEpoch;
  }

  /** The epoch, from 0, that step {@code step}, from 1, belongs to. */
  public int epochOf(long step) {
    return (int) ((step - 1) / stepsPerEpoch);
  }
}
