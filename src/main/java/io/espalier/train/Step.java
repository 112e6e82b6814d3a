package io.espalier.train;

import java.util.OptionalDouble;

/**
 * A step that was made.
 *
 * @param epoch it is part of, from 0
 * @param epochs of the run
 * @param step from 1, in the whole run
 * @param steps of the run, unless it stops early
 * @param loss of the data and the penalties, the mean over the epoch so far
 * @param accuracy the share of right positions in the epoch so far, where classes are judged
 * @param sparsity the share of zeros in the prunable weights after the latest update of the masks,
 *     where the run prunes
 * @param rate the learning rate
 */
public record Step(
    int epoch,
    int epochs,
    long step,
    long steps,
    double loss,
    OptionalDouble accuracy,
    OptionalDouble sparsity,
    double rate) {}
