package io.espalier.runtime;

import java.util.List;
import java.util.Map;

/**
 * Inputs that a session ran on.
 *
 * @param batches a value for each input, by name, for each run
 * @param samplesPerBatch how many samples one run processes: the size of the batch dimension
 * @param single inputs for one sample, to time; as in {@code batches} where the batch is fixed
 * @param singleSamples the samples in {@code single}
 * @param outputs what the session gave for each batch; empty where that is too much to keep
 * @param drawsRandom whether the model draws random numbers, so that two runs differ
 * @param notes what was chosen, one phrase each, such as {@code height=224}
 */
public record Samples(
    List<Map<String, Datum>> batches,
    int samplesPerBatch,
    Map<String, Datum> single,
    int singleSamples,
    List<Map<String, Datum>> outputs,
    boolean drawsRandom,
    List<String> notes) {
  public Samples {
    batches = List.copyOf(batches);
    outputs = List.copyOf(outputs);
    notes = List.copyOf(notes);
  }

  /** Samples in all batches together. */
  public long samples() {
    return (long) samplesPerBatch * batches.size();
  }
}
