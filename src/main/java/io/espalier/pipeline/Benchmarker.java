package io.espalier.pipeline;

import io.espalier.report.Benchmark;
import io.espalier.runtime.SampleInputs;
import io.espalier.runtime.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measures models side by side: size, time to open, latency, throughput. */
public final class Benchmarker {
  /** What is measured, and how. */
  public record Plan(
      List<Path> models,
      Recipe.Data data,
      Recipe.Execution execution,
      double seconds,
      Optional<Integer> batch) {
    public static final double DEFAULT_SECONDS = 2;
    private static final double MOST_SECONDS = 3600;

    /**
     * Checks what can be told without opening the files.
     *
     * @param seconds for which each model is run
     * @param batch samples that one run is to process, where the model leaves that open
     */
    public Plan {
      models = List.copyOf(models);
      if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
        throw new UsageException(
            "--seconds: expected more than 0 and at most 3600, got " + seconds);
      }
      batch.ifPresent(
          size -> {
            if (size < 1) {
              throw new UsageException("--batch: expected 1 or more, got " + size);
            }
          });
    }
  }

  /** Files up to this size are opened once beforehand, so that none pays for the first time. */
  private static final long OPENED_TWICE = 64L << 20;

  private final Plan plan;
  private final Listener listener;
  private final SessionOptions options;
  private final List<Contestant> contestants = new ArrayList<>();
  private final List<Round> rounds = new ArrayList<>();

  private Benchmarker(Plan plan, Listener listener) {
    this.plan = plan;
    this.listener = listener;
    this.options = RuntimeOptions.session(plan.data(), plan.execution());
  }

  /**
   * Measures the models; what stands in the way of one is in its row, and the others go on.
   *
   * @throws InterruptedRunException if the listener cancelled
   * @throws IOException if a file with inputs cannot be read
   */
  public static Benchmark run(Plan plan, Listener listener) throws IOException {
    Benchmarker benchmarker = new Benchmarker(plan, listener);
    try {
      return benchmarker.run();
    } finally {
      benchmarker.contestants.forEach(Contestant::close);
    }
  }

  private Benchmark run() throws IOException {
    SampleInputs.Options inputs =
        RuntimeOptions.inputs(plan.data(), plan.execution()).withSamples(plan.batch().orElse(1));
    for (Path model : plan.models()) {
      Stages.begin(listener, "opening " + model.getFileName());
      Contestant contestant = new Contestant(model);
      contestants.add(contestant);
      contestant.attempt(() -> open(contestant));
    }
    for (Contestant contestant : contestants) {
      if (contestant.session() != null) {
        Stages.begin(listener, "looking for inputs of " + contestant.path().getFileName());
        contestant.attempt(() -> enter(contestant, inputs));
      }
    }
    for (Round round : rounds) {
      Stages.begin(listener, "measuring");
      round.time(plan.seconds());
    }
    return new Benchmark(
        Benchmark.SCHEMA_VERSION,
        Version.current(),
        plan.execution().device(),
        RuntimeOptions.threads(plan.execution()),
        contestants.stream().map(contestant -> contestant.row(contestants.get(0))).toList());
  }

  private void open(Contestant contestant) throws IOException {
    boolean first = contestants.stream().allMatch(other -> other.session() == null);
    contestant.read();
    contestant.open(options, first && contestant.bytes() <= OPENED_TWICE);
  }

  /** Lets the model run with others that take the same inputs, or else with inputs of its own. */
  private void enter(Contestant contestant, SampleInputs.Options inputs) {
    for (Round round : rounds) {
      if (round.accepts(contestant)) {
        round.add(contestant);
        return;
      }
    }
    rounds.add(Round.of(rounds.size() + 1, contestant, inputs));
  }
}
