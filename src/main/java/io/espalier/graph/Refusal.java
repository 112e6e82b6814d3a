package io.espalier.graph;

/**
 * Something that was left as it is, and why. Refusals reach the report: nothing is skipped
 * silently.
 *
 * @param where the tensor, node or option
 * @param reason a phrase that a user understands
 */
public record Refusal(String where, String reason) {}
