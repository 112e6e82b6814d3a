package io.espalier.runtime;

import io.espalier.graph.Model;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Invents inputs for a model, from what it says of their types, dimensions, names and uses, and by
 * trying: where onnxruntime refuses a choice, the next one is taken.
 *
 * <p>Deterministic: the same model, options and onnxruntime give the same inputs, unless the time
 * limit cuts the search short.
 */
public final class SampleInputs {
  /**
   * What is wanted.
   *
   * @param samples how many, in one batch where the model takes several at once, else in several
   *     runs
   * @param dims sizes of symbolic dimensions, by name, that must be taken
   * @param given values that are fixed, by input; the rest is invented to fit
   * @param attempts runs that may fail before the search gives up
   * @param limit time after which a run is stopped; no new choice is tried after a sixth of it
   */
  public record Options(
      long seed,
      int samples,
      Map<String, Long> dims,
      Map<String, Datum> given,
      int attempts,
      Duration limit) {

    public Options {
      dims = Collections.unmodifiableMap(new LinkedHashMap<>(dims));
      given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
    }

    /** Four samples, nothing fixed, at most 60 attempts in the first 10 seconds of 60. */
    public static Options seeded(long seed) {
      return new Options(seed, 4, Map.of(), Map.of(), 60, Duration.ofSeconds(60));
    }

    public Options withSamples(int number) {
      return new Options(seed, number, dims, given, attempts, limit);
    }

    public Options withDims(Map<String, Long> sizes) {
      return new Options(seed, samples, sizes, given, attempts, limit);
    }

    public Options withGiven(Map<String, Datum> values) {
      return new Options(seed, samples, dims, values, attempts, limit);
    }
  }

  private SampleInputs() {}

  /**
   * What a search found.
   *
   * @param samples inputs on which the session ran
   * @param failure why there are none: what onnxruntime said to the likeliest choice
   */
  public record Found(Optional<Samples> samples, Optional<String> failure) {}

  /**
   * Searches inputs on which {@code session} runs.
   *
   * @param model the graph of the same model
   * @throws io.espalier.graph.ModelException if a given value or size cannot be: no such input or
   *     dimension, wrong type or rank
   */
  public static Found find(Model model, Session session, Options options) {
    return new InputSearch(model, session, options).run();
  }
}
