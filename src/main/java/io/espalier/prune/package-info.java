/**
 * Which elements of which weights become zero: {@link io.espalier.prune.PrunableWeights} finds the
 * weights, {@link io.espalier.prune.Pruner} selects what stays of them, {@link
 * io.espalier.prune.MaskedTensor} is what takes their place. {@link io.espalier.prune.Criterion}
 * scores elements, {@link io.espalier.prune.Granularity} says in which units they go, {@link
 * io.espalier.prune.Scope} over what they compete, {@link io.espalier.prune.PruningSchedule} how
 * many at which step.
 *
 * <p>Counts are exact: of n units {@code max(round-half-even(n (1 - s)), 1)} stay, and of equal
 * scores the first ones. A result depends on weights, options and seed, never on threads. Tensors
 * are read in stretches and need not fit the heap; a mask takes a bit per element.
 *
 * <p>To add an operator with weights: an entry in {@code WeightRoles} and a case in its test. One
 * that only moves elements: an entry in {@code ElementMoves}. A criterion: a constant of {@code
 * Criterion} and its keys in {@code ElementScores}. A granularity whose units compete for a count:
 * a record in {@code Granularity} and a {@code Scores}, made in {@code Pruner}, that scores its
 * units and turns those that stay into a mask.
 */
package io.espalier.prune;
