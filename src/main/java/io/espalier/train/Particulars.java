package io.espalier.train;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What holds for single weights, by their names in the model, in place of what the settings say of
 * all.
 *
 * @param penalties in place of {@code l1} and {@code l2}, whether a weight is prunable or not
 * @param nonNegative weights that stay 0 or above
 * @param frozen constants that neither train nor are pruned; running statistics too
 */
public record Particulars(
    Map<String, ElasticNet> penalties, Set<String> nonNegative, Set<String> frozen) {
  /** Nothing. */
  public static final Particulars NONE = new Particulars(Map.of(), Set.of(), Set.of());

  public Particulars {
    penalties = new TreeMap<>(penalties);
    nonNegative = new TreeSet<>(nonNegative);
    frozen = new TreeSet<>(frozen);
  }

  /** What an update does to a weight of that name. */
  Treatment of(String weight, Treatment usual) {
    ElasticNet penalty = penalties.get(weight);
    Treatment treatment = penalty == null ? usual : usual.withPenalty(penalty);
    return nonNegative.contains(weight) ? treatment.withoutNegatives() : treatment;
  }
}
