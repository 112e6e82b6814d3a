package io.espalier.pipeline;

import io.espalier.data.DataSource;
import io.espalier.data.Dataset;
import io.espalier.graph.Model;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.Value;
import io.espalier.quantize.Samples;
import io.espalier.runtime.Datum;
import io.espalier.runtime.Observation;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Samples that ranges of activations are observed on: of {@code --data}, else invented ones. */
final class CalibrationSamples implements Samples {
  private static final int BATCH = 32;

  private final Listener listener;
  private String name = "random";
  private int seen;
  private Iterable<Map<String, Datum>> batches;
  private int runs;

  private CalibrationSamples(Listener listener) {
    this.listener = listener;
  }

  /**
   * Opens the samples.
   *
   * @param most how many are taken, evenly spread over those that there are
   * @throws ModelException if they do not fit the model, or none can be invented
   */
  static CalibrationSamples open(Recipe recipe, InputModel input, int most, Listener listener)
      throws IOException {
    CalibrationSamples samples = new CalibrationSamples(listener);
    try (Session session =
        Session.open(
            input.model(), input.safe(RuntimeOptions.session(recipe.data(), recipe.execution())))) {
      if (recipe.data().data().isPresent()) {
        DataSource source = DataSource.parse(recipe.data().data().get()).forTraining();
        samples.take(SessionData.open(source, recipe.data(), session), most);
      } else {
        samples.invent(recipe, input.model(), session, Math.min(most, BATCH));
      }
    }
    return samples;
  }

  private void take(Dataset data, int most) {
    int count = Math.min(most, data.samples());
    int[] rows =
        IntStream.range(0, count)
            .map(i -> (int) (Math.multiplyFull(i, data.samples()) / count))
            .toArray();
    Iterable<Dataset.Batch> found = data.batches(BATCH, rows);
    batches =
        () -> {
          List<Dataset.Batch> all = new ArrayList<>();
          found.forEach(all::add);
          return all.stream().map(SessionData::feeds).iterator();
        };
    runs = (count + BATCH - 1) / Math.min(BATCH, data.fixedBatch().orElse(BATCH));
    seen = count;
    name = data.name();
  }

  private void invent(Recipe recipe, Model model, Session session, int count) throws IOException {
    SampleInputs.Options options =
        RuntimeOptions.inputs(recipe.data(), recipe.execution()).withSamples(count);
    SampleInputs.Found found = SampleInputs.find(model, session, options);
    batches =
        found
            .samples()
            .orElseThrow(
                () ->
                    new ModelException(
                        "--quantize: "
                            + found
                                .failure()
                                .orElse("no inputs were found on which the model runs")))
            .batches();
    runs = found.samples().get().batches().size();
    seen = count;
  }

  @Override
  public boolean areReal() {
    return !name.equals("random");
  }

  @Override
  public void run(Model model, List<Value> wanted, Consumer<Map<Value, Tensor>> seen) {
    int done = 0;
    try (Observation observation = new Observation(model, wanted)) {
      for (Map<String, Datum> batch : batches) {
        seen.accept(observation.see(batch));
        Stages.progress(listener, ++done, Math.max(done, runs));
      }
    }
  }

  /** How many there are. */
  int count() {
    return seen;
  }

  /** The data's name, as given, or {@code random}. */
  String data() {
    return name;
  }
}
