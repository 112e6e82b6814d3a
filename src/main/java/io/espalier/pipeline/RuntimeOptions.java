package io.espalier.pipeline;

import io.espalier.data.ArrayFile;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Device;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What options mean to onnxruntime. */
final class RuntimeOptions {
  private RuntimeOptions() {}

  /** How sessions are to be opened. */
  static SessionOptions session(Recipe.Data data, Recipe.Execution execution) {
    return SessionOptions.DEFAULT
        .on(Device.of(execution.device()))
        .withThreads(execution.threads().orElse(0))
        .withCustomOps(data.customOps());
  }

  /**
   * Which inputs are to be invented, and around what.
   *
   * @throws io.espalier.graph.ModelException if a file with a given input holds no array
   * @throws IOException if it cannot be read
   */
  static SampleInputs.Options inputs(Recipe.Data data, Recipe.Execution execution)
      throws IOException {
    Map<String, Datum> given = new LinkedHashMap<>();
    for (Map.Entry<String, Path> file : data.inputs().entrySet()) {
      given.put(file.getKey(), Datum.of(ArrayFile.read(file.getValue())));
    }
    return SampleInputs.Options.seeded(execution.seed()).withDims(data.dims()).withGiven(given);
  }

  /** How many threads an operator can use. */
  static int threads(Recipe.Execution execution) {
    return execution.threads().orElse(Runtime.getRuntime().availableProcessors());
  }
}
