/**
 * What is to be done ({@link io.espalier.pipeline.Recipe}, every option exactly once) and the order
 * in which it is done. The front ends, command line and Maven goal, only fill in a recipe.
 *
 * <p>To add an option: one component of the recipe section it belongs to, one option of the same
 * name in {@code cli}, one parameter of the same name in {@code mojo}; a test compares the three.
 */
package io.espalier.pipeline;
