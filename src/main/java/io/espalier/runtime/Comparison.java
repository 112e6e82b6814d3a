package io.espalier.runtime;

import io.espalier.graph.Elements;
import io.espalier.graph.Shape;
import io.espalier.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/**
 * Compares the outputs of two models, a batch at a time; holds numbers only, so any number of
 * batches can go through.
 */
public final class Comparison {
  private final Set<String> notCompared = new LinkedHashSet<>();
  private long samples;
  private long elements;
  private double largest;
  private double sum;
  private long judged;
  private long agreed;
  private boolean bitEqual = true;

  /**
   * Runs both sessions on every batch; {@code before} only where {@code inputs} has no outputs of
   * it. Models that draw random numbers are opened anew, so that both draw the same ones.
   *
   * @param before the session that {@code inputs} was found for
   * @throws io.espalier.graph.ModelException if a run fails
   */
  public static Fidelity of(Session before, Session after, Samples inputs) {
    if (inputs.drawsRandom()) {
      try (Session first = before.fresh();
          Session second = after.fresh()) {
        return compare(first, second, inputs, List.of());
      }
    }
    return compare(before, after, inputs, inputs.outputs());
  }

  private static Fidelity compare(
      Session before, Session after, Samples inputs, List<Map<String, Datum>> known) {
    Comparison comparison = new Comparison();
    for (int i = 0; i < inputs.batches().size(); i++) {
      Map<String, Datum> batch = inputs.batches().get(i);
      Map<String, Datum> expected = known.isEmpty() ? before.run(batch) : known.get(i);
      comparison.add(expected, after.run(batch), inputs.samplesPerBatch());
    }
    return comparison.result();
  }

  /**
   * Takes in what both models gave for one batch.
   *
   * @param batch the number of samples in it
   */
  public void add(Map<String, Datum> before, Map<String, Datum> after, int batch) {
    samples += batch;
    before.forEach((output, datum) -> compare(output, datum, after.get(output)));
    for (String output : after.keySet()) {
      if (!before.containsKey(output)) {
        differs(output, "only the second model has it");
      }
    }
    agreement(before, after, batch);
  }

  /** The result so far. */
  public Fidelity result() {
    return new Fidelity(
        samples,
        elements,
        largest,
        elements == 0 ? 0 : sum / elements,
        judged == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) agreed / judged),
        bitEqual,
        new ArrayList<>(notCompared));
  }

  private void compare(String output, Datum before, Datum after) {
    if (before instanceof Datum.Numbers a && after instanceof Datum.Numbers b) {
      numbers(output, a.tensor(), b.tensor());
    } else if (before instanceof Datum.Sequence a && after instanceof Datum.Sequence b) {
      sequences(output, a.elements(), b.elements());
    } else if (before instanceof Datum.Mapping a && after instanceof Datum.Mapping b) {
      if (a.keys().equals(b.keys())) {
        compare(output, a.values(), b.values());
      } else {
        differs(output, "the keys of its map differ");
      }
    } else if (before instanceof Datum.Words && after instanceof Datum.Words) {
      if (!before.equals(after)) {
        differs(output, "strings differ");
      }
    } else if (before instanceof Datum.Opaque a && after instanceof Datum.Opaque) {
      differs(output, a.reason());
    } else {
      differs(output, after == null ? "only the first model has it" : "the kinds differ");
    }
  }

  private void sequences(String output, List<Datum> before, List<Datum> after) {
    if (before.size() != after.size()) {
      differs(output, "sequences of different lengths");
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      compare(output, before.get(i), after.get(i));
    }
  }

  private void numbers(String output, Tensor before, Tensor after) {
    Shape shape = before.shape();
    if (before.dataType() != after.dataType()) {
      differs(output, "types " + before.dataType() + " and " + after.dataType());
      return;
    }
    if (!shape.equals(after.shape())) {
      differs(output, "shapes " + shape + " and " + after.shape());
      return;
    }
    boolean same = before.bytes().equals(after.bytes());
    bitEqual &= same;
    Optional<IntToDoubleFunction> a = Elements.of(before);
    if (a.isEmpty()) {
      if (!same) {
        differs(output, "elements of type " + before.dataType() + " differ");
      }
      return;
    }
    elements += shape.elements();
    if (!same) {
      accumulate(a.get(), Elements.of(after).orElseThrow(), Math.toIntExact(shape.elements()));
    }
  }

  private void accumulate(IntToDoubleFunction before, IntToDoubleFunction after, int count) {
    for (int i = 0; i < count; i++) {
      double difference = difference(before.applyAsDouble(i), after.applyAsDouble(i));
      sum += difference;
      if (difference > largest) {
        largest = difference;
      }
    }
  }

  private static double difference(double a, double b) {
    if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
      return 0;
    }
    return Double.isNaN(a) || Double.isNaN(b) ? Double.POSITIVE_INFINITY : Math.abs(a - b);
  }

  private void differs(String output, String how) {
    bitEqual = false;
    notCompared.add("output '" + output + "': " + how);
  }

  private void agreement(Map<String, Datum> before, Map<String, Datum> after, int batch) {
    Optional<String> scores = Classes.scores(before, batch);
    if (scores.isEmpty() || !scores.equals(Classes.scores(after, batch))) {
      return;
    }
    int[] a = Classes.largest(tensor(before, scores.get()), batch);
    int[] b = Classes.largest(tensor(after, scores.get()), batch);
    for (int sample = 0; sample < batch; sample++) {
      agreed += a[sample] == b[sample] ? 1 : 0;
    }
    judged += batch;
  }

  private static Tensor tensor(Map<String, Datum> outputs, String name) {
    return ((Datum.Numbers) outputs.get(name)).tensor();
  }
}
