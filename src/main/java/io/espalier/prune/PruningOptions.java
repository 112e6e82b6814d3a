package io.espalier.prune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which weights are pruned, how much and in what units. Globs know {@code *} (any characters) and
 * {@code ?} (one); they name a weight by its tensor (an initializer, or the output of a {@code
 * Constant} node) or by a node that uses it.
 *
 * @param sparsity the share of each weight's elements, or of all together, that is to be zero, in
 *     [0, 1); for N:M granularity it follows from N and M
 * @param include globs of the weights that are pruned; empty: all
 * @param exclude globs of what is left alone, stronger than {@code include}
 * @param layers sparsities of their own for the weights that a glob names; the first match counts
 * @param minSize weights with fewer elements are left alone
 * @param depthwise whether kernels of depthwise convolutions are pruned too
 * @param embeddings whether tables that {@code Gather} reads are pruned too
 */
public record PruningOptions(
    double sparsity,
    Scope scope,
    Granularity granularity,
    Criterion criterion,
    List<String> include,
    List<String> exclude,
    Map<String, Double> layers,
    long minSize,
    boolean depthwise,
    boolean embeddings) {

  public static final double DEFAULT_SPARSITY = 0.5;
  public static final long DEFAULT_MIN_SIZE = 64;

  /**
   * Checks that the options make sense together.
   *
   * @throws IllegalArgumentException if not; the message begins with the option
   */
  public PruningOptions {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    requireSparsity("sparsity", sparsity);
    layers.forEach((glob, value) -> requireSparsity("layer " + glob, value));
    if (minSize < 0) {
      throw new IllegalArgumentException("min-size: expected 0 or more elements, got " + minSize);
    }
    if (granularity instanceof Granularity.NofM && scope == Scope.GLOBAL) {
      throw new IllegalArgumentException(
          "scope global: N:M fixes the sparsity of every group of weights");
    }
    if (granularity instanceof Granularity.NofM && !layers.isEmpty()) {
      throw new IllegalArgumentException("layer: N:M fixes the sparsity of every weight");
    }
  }

  /** Every weight to this sparsity by L1 magnitude of its elements, all else as by default. */
  public static PruningOptions of(double sparsity) {
    return new PruningOptions(
        sparsity,
        Scope.LAYER,
        Granularity.element(),
        Criterion.L1,
        List.of(),
        List.of(),
        Map.of(),
        DEFAULT_MIN_SIZE,
        false,
        false);
  }

  /** Whether any weight is to have zeros. */
  public boolean prunes() {
    return sparsity > 0 || layers.values().stream().anyMatch(share -> share > 0);
  }

  private static void requireSparsity(String option, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          option + ": expected a sparsity from 0 up to but not including 1, got " + value);
    }
  }
}
