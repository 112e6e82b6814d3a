/**
 * The command {@code prune}: flags to a {@link io.espalier.pipeline.Recipe}, results to the
 * terminal, failures to exit codes. {@link io.espalier.cli.Main} is the whole of the process.
 *
 * <p>Most of the time that a small model takes is the start of the process, so nothing is built
 * before it is needed: help texts only for {@code --help}, a subcommand only when it is named.
 *
 * <p>To add a subcommand: one class that is a {@link io.espalier.cli.Command} and its line in
 * {@link io.espalier.cli.Subcommand}. To add an option: one line in {@link
 * io.espalier.cli.PruneOptions} (and what {@link io.espalier.pipeline} says).
 */
package io.espalier.cli;
