package io.espalier.cli;

import java.util.function.Supplier;

/**
 * What follows {@code prune} in place of a model. A model of such a name is reached by a path:
 * {@code ./completion}.
 */
enum Subcommand {
  COMPLETION("completion", CompletionCommand::new);

  private final String word;
  private final Supplier<Command> constructor;

  Subcommand(String word, Supplier<Command> constructor) {
    this.word = word;
    this.constructor = constructor;
  }

  String word() {
    return word;
  }

  Command create() {
    return constructor.get();
  }

  /** The subcommand that the first argument names, or null. */
  static Subcommand named(String argument) {
    for (Subcommand subcommand : values()) {
      if (subcommand.word.equals(argument)) {
        return subcommand;
      }
    }
    return null;
  }
}
