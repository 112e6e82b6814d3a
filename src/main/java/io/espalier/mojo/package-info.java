/**
 * The Maven goal {@code espalier:prune}: parameters of the POM to a {@link
 * io.espalier.pipeline.Recipe}, the report to the log, failures to Maven's two kinds of failure.
 * Parameters bear the names of the command's options in camelCase, and are read by the same {@link
 * io.espalier.pipeline.RecipeOptions}.
 */
package io.espalier.mojo;
