package io.espalier.cli;

import java.util.Locale;

/**
 * What follows {@code prune} in place of a model. A model of such a name is reached by a path:
 * {@code ./completion}.
 */
enum Subcommand {
  TRAIN,
  EVALUATE,
  INSPECT,
  BENCH,
  COMPARE,
  COMPLETION;

  /** As it is written. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  Command create() {
    return switch (this) {
      case TRAIN -> new TrainCommand(Main::espalier);
      case EVALUATE -> new EvaluateCommand();
      case INSPECT -> new InspectCommand();
      case BENCH -> new BenchCommand();
      case COMPARE -> new CompareCommand();
      case COMPLETION -> new CompletionCommand();
    };
  }

  /** The subcommand that the first argument names, or null. */
  static Subcommand named(String argument) {
    for (Subcommand subcommand : values()) {
      if (subcommand.word().equals(argument)) {
        return subcommand;
      }
    }
    return null;
  }
}
