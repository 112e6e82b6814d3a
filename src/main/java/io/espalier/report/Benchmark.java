package io.espalier.report;

import java.util.List;

/**
 * Speed and size of models, side by side.
 *
 * @param schemaVersion of the JSON form; raised when a field changes its meaning or goes away
 * @param espalier the version that measured
 * @param threads that one operator may use
 * @param models in the order in which they were given
 */
public record Benchmark(
    int schemaVersion, String espalier, String device, int threads, List<Row> models) {

  public static final int SCHEMA_VERSION = 1;

  public Benchmark {
    models = List.copyOf(models);
  }

  /**
   * One model. A component that is null was not measured, and {@code failure} says why.
   *
   * @param bytes of the file and of its external data
   * @param compression the first model's bytes / this one's
   * @param openMs milliseconds that onnxruntime took to open the model, once it was expanded
   * @param run how the model ran
   * @param speedup this model's samples per second / the first one's
   * @param notes what is odd about the run
   */
  public record Row(
      String path,
      Long bytes,
      Double compression,
      Double openMs,
      Run run,
      Double speedup,
      List<String> notes,
      String failure) {
    public Row {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Times of one inference.
   *
   * @param round models with the same number ran in turn, on the same inputs
   * @param inputs what was fed, such as {@code image float[1,1,28,28]}
   * @param batch samples that one run processes
   * @param samplesPerSecond at the median
   */
  public record Run(
      int round,
      List<String> inputs,
      int batch,
      int runs,
      double p50Ms,
      double p95Ms,
      double samplesPerSecond) {
    public Run {
      inputs = List.copyOf(inputs);
    }
  }

  /** Whether every model was measured. */
  public boolean complete() {
    return models.stream().allMatch(model -> model.failure() == null);
  }
}
