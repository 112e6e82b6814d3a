/**
 * Which elements of which weights become zero: {@link io.espalier.prune.Criterion} scores them,
 * {@link io.espalier.prune.Granularity} says in which units they go, {@link
 * io.espalier.prune.Scope} over what they compete, {@link io.espalier.prune.PruningSchedule} how
 * many at which step.
 */
package io.espalier.prune;
