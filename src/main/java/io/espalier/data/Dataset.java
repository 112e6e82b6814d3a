package io.espalier.data;

import io.espalier.graph.Dim;
import io.espalier.graph.ModelException;
import io.espalier.graph.Tensor;
import io.espalier.graph.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Samples for one model, converted to what its inputs take while they are handed out: element type,
 * axes, layout, scale. The arrays are held as they are in the file.
 *
 * <p>Unsigned bytes for a float input are divided by 255 unless a scale is given; {@link #notes}
 * says so.
 */
public final class Dataset {
  private final DataSource source;
  private final Map<String, Feature> features;
  private final Targets targets;
  private final int samples;
  private final OptionalInt fixedBatch;
  private final List<String> notes = new ArrayList<>();

  private Dataset(
      DataSource source, Map<String, Feature> features, Targets targets, OptionalInt fixedBatch) {
    this.source = source;
    this.features = features;
    this.targets = targets;
    this.samples = features.values().iterator().next().samples();
    this.fixedBatch = fixedBatch;
  }

  /**
   * Some samples.
   *
   * @param inputs by name of the model's input
   * @param labels the class of each sample; empty if the data have no classes
   * @param rows the numbers of the samples
   */
  public record Batch(Map<String, Tensor> inputs, int[] labels, int[] rows) {
    public int samples() {
      return rows.length;
    }
  }

  /**
   * Opens data for a model.
   *
   * @param inputs the inputs that the model has to be fed, with their types
   * @throws IOException if a file cannot be read
   * @throws ModelException if the data are damaged or do not fit the model
   */
  public static Dataset open(
      DataSource source, Map<String, TensorType> inputs, Preprocessing preprocessing)
      throws IOException {
    RawSamples raw =
        switch (source.format()) {
          case NPZ -> NpzSamples.read(source, inputs.keySet());
          case IDX -> IdxSamples.read(source, inputs.keySet());
        };
    Map<String, Feature> features = new LinkedHashMap<>();
    raw.inputs()
        .forEach(
            (input, column) ->
                features.put(input, new Feature(column, input, inputs.get(input), preprocessing)));
    int samples = requireEqualCounts(source, features);
    Targets targets = raw.target().map(column -> Targets.of(column, samples)).orElse(null);
    Dataset dataset = new Dataset(source, features, targets, fixedBatch(features, inputs));
    features.values().forEach(f -> f.note(preprocessing).ifPresent(dataset.notes::add));
    return dataset;
  }

  private static int requireEqualCounts(DataSource source, Map<String, Feature> features) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    features.forEach((input, feature) -> counts.put(input, feature.samples()));
    if (counts.values().stream().distinct().count() != 1) {
      throw new ModelException(
          "data %s: expected the same number of samples for each input, got %s"
              .formatted(source, counts));
    }
    return counts.values().iterator().next();
  }

  private static OptionalInt fixedBatch(
      Map<String, Feature> features, Map<String, TensorType> inputs) {
    for (Map.Entry<String, Feature> feature : features.entrySet()) {
      if (!feature.getValue().batched()) {
        return OptionalInt.of(1);
      }
      List<Dim> dims = inputs.get(feature.getKey()).dims().orElse(List.of());
      if (!dims.isEmpty() && dims.get(0) instanceof Dim.Known known) {
        return OptionalInt.of(Math.toIntExact(known.size()));
      }
    }
    return OptionalInt.empty();
  }

  /** The data as the user wrote them. */
  public String name() {
    return source.text();
  }

  public int samples() {
    return samples;
  }

  /** The inputs of the model that the data have values for. */
  public Set<String> inputs() {
    return features.keySet();
  }

  /** Whether the samples have targets. */
  public boolean labelled() {
    return targets != null;
  }

  /** What the samples are judged by. */
  public Optional<Targets> targets() {
    return Optional.ofNullable(targets);
  }

  /** The number of samples that the model takes at once, where it fixes that. */
  public OptionalInt fixedBatch() {
    return fixedBatch;
  }

  /** What was done to the data without being asked for. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Samples {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @throws ModelException if one of them is not a number
   */
  public Batch batch(int from, int to) {
    if (from < 0 || to > samples || from >= to) {
      throw new IllegalArgumentException("samples %d to %d of %d".formatted(from, to, samples));
    }
    return batch(IntStream.range(from, to).toArray());
  }

  /**
   * The samples of those numbers.
   *
   * @throws ModelException if one of them is not a number
   */
  public Batch batch(int[] rows) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    features.forEach((input, feature) -> inputs.put(input, feature.batch(rows)));
    int[] classes =
        targets()
            .flatMap(Targets::classes)
            .map(labels -> Arrays.stream(rows).map(row -> labels[row]).toArray())
            .orElse(new int[0]);
    return new Batch(inputs, classes, rows);
  }

  /**
   * All samples in order, {@code size} at a time, the last batch with what is left. Where the model
   * fixes the batch, that size is taken instead and samples that do not fill one are left out.
   */
  public Iterable<Batch> batches(int size) {
    return batches(size, samples);
  }

  /** As {@link #batches(int)}, of the first {@code limit} samples. */
  public Iterable<Batch> batches(int size, int limit) {
    return batches(size, IntStream.range(0, Math.min(limit, samples)).toArray());
  }

  /** As {@link #batches(int)}, of the samples of those numbers. */
  public Iterable<Batch> batches(int size, int[] rows) {
    int step = fixedBatch.orElse(size);
    int last = fixedBatch.isPresent() ? rows.length - rows.length % step : rows.length;
    return () -> new Batches(step, Arrays.copyOf(rows, last));
  }

  private final class Batches implements Iterator<Batch> {
    private final int step;
    private final int[] all;
    private int next;

    Batches(int step, int[] all) {
      this.step = step;
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      return next < all.length;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int from = next;
      next = Math.min(all.length, from + step);
      return batch(Arrays.copyOfRange(all, from, next));
    }
  }
}
