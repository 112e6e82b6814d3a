package io.espalier.graph;

/**
 * A model function: an operator that the model itself defines.
 *
 * @param body its inputs and outputs are the function's, in order
 */
public record Function(OperatorId id, Graph body) {}
