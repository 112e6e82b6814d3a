package io.espalier.train;

import io.espalier.runtime.SessionOptions;

/**
 * What a run computes with.
 *
 * @param threads that update weights
 * @param seed of all that is random
 */
public record TrainingMachine(SessionOptions session, int threads, long seed) {}
